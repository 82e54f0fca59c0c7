import {
  checkClientId,
  checkText,
  ERROR_CODES,
  type ErrorCode,
  isLongerThanNames,
  parseAddress,
} from '@parley/protocol';
import { ClientError } from './errors.ts';

/**
 * Throws what any server would answer: a ClientError (`refused`) for an address, client id or text that cannot be one.
 * Such a message never stands in the way of others.
 */
export function checkMessage(message: { readonly to: string; readonly clientId: string; readonly text: string }): void {
  const { to, clientId, text } = message;
  const checked = checkText(text);
  if (!checked.ok) throw refusedHere(checked.code, clientId, checked.reason);
  if (!checkClientId(clientId).ok) throw refusedHere('bad_client_id', clientId);
  // One that fills a frame would never leave the outbox.
  if (isLongerThanNames(to) || parseAddress(to) === undefined) throw refusedHere('bad_address', clientId);
}

function refusedHere(code: ErrorCode, clientId: string, hint?: string): ClientError {
  return new ClientError({ kind: 'refused', code, message: ERROR_CODES[code].meaning, hint, clientId });
}
