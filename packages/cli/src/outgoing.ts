import type { ChatClient, Outbox, OutboxItem, Sent } from '@parley/client';
import { usageFailure } from './failure.ts';

/** A message with its client id. */
interface Outgoing {
  readonly clientId: string;
  readonly to: string;
  readonly text: string;
}

/**
 * Sends a message, on disk first where there is an outbox: then it goes whatever becomes of this program. Resolves when
 * it is stored; throws a Failure (2) when its id is in use, and what the client throws.
 */
export async function deliver(
  { client, outbox }: { readonly client: ChatClient; readonly outbox: Outbox | undefined },
  message: Outgoing,
  timeoutMs: number,
): Promise<Sent> {
  const { clientId, to, text } = message;
  if (outbox === undefined) return await client.send(to, text, { clientId, timeoutMs });
  const [added] = outbox.add([message]);
  if (added === 'conflict') throw usageFailure('This id is in the outbox with another text.');
  return await outbox.settled(clientId, timeoutMs);
}

/** A message of the outbox in a word: `unknown` may be stored already. */
export type OutboxWord = 'waiting' | 'held' | 'refused' | 'unknown';

/** What is not settled, in order, each in a word. */
export function outboxWords(outbox: Outbox): { readonly item: OutboxItem; readonly word: OutboxWord }[] {
  const held = new Set(outbox.held().map(({ clientId }) => clientId));
  return outbox.items().map((item) => ({ item, word: wordOf(item, held.has(item.clientId)) }));
}

function wordOf({ state, isWired }: OutboxItem, isHeld: boolean): OutboxWord {
  if (state === 'refused') return 'refused';
  if (isHeld) return 'held';
  return isWired ? 'unknown' : 'waiting';
}
