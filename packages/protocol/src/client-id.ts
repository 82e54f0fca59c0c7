import { LIMITS } from './limits.ts';

/** Whether a client id is allowed. */
export type ClientIdCheck = { readonly ok: true } | { readonly ok: false; readonly code: 'bad_client_id' };

const CLIENT_ID = /^[\x21-\x7e]+$/;

/** 1 to 64 printable ASCII characters without space. Client ids are compared byte for byte. */
export function checkClientId(clientId: string): ClientIdCheck {
  const ok = clientId.length <= LIMITS.clientIdBytes && CLIENT_ID.test(clientId);
  return ok ? { ok: true } : { ok: false, code: 'bad_client_id' };
}

/**
 * A new client id: a UUID of version 7 (RFC 9562 §5.7), which leads with the time and so keeps the log's index local.
 * Node's own randomUUIDv7 came with 24.16 and we run on 24.15; a random UUID (version 4) has the rest in its place.
 */
export function createClientId(nowMs: number = Date.now(), randomUuid: string = crypto.randomUUID()): string {
  const time = nowMs.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUuid.slice(15)}`;
}
