import { setTimeout as sleep } from 'node:timers/promises';
import type { ChatClient, Outbox } from '@parley/client';
import { type Context, openOutbox, startWithSession } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure } from '../failure.ts';

/** How often it looks whether anything is left, in milliseconds. */
const LOOK_MS = 50;

/** Sends what waits in the outbox. */
export async function run(context: Context): Promise<number> {
  await using client = startWithSession(context);
  using outbox = openOutbox(context, client);
  if (context.line.flags['old'] === true) outbox.retry(outbox.held().map(({ clientId }) => clientId));
  return await flush(context, client, outbox);
}

/** Waits until nothing is on its way any more, or time has run out; tells what is left. Throws when the session is gone. */
export async function flush(
  { output, settings, signal }: Context,
  client: ChatClient,
  outbox: Outbox,
): Promise<number> {
  // What nobody waits for any more is only settled: asked about, or made never.
  const before = outbox.items().filter(({ state }) => state === 'waiting');
  const deadline = performance.now() + settings.timeoutMs;
  while (outbox.isBusy && performance.now() < deadline && !signal.aborted) {
    const { status } = client;
    if (status.state === 'offline' && status.reason !== 'new') throw status.error;
    await sleep(LOOK_MS);
  }
  if (signal.aborted) throw signal.reason as Error;
  const left = outbox.items();
  const leftIds = new Set(left.map(({ clientId }) => clientId));
  const gone = before.filter(({ clientId }) => !leftIds.has(clientId)).length;
  output.report({ type: 'flushed', sent: gone, left: left.length }, `Sent: ${gone}. Left: ${left.length}.`);
  const refused = left.filter(({ state }) => state === 'refused');
  for (const { clientId, refusal } of refused) {
    const { code, message } = refusal ?? { code: 'refused', message: 'Refused.' };
    output.error(new Failure({ code, message, hint: 'parley outbox retry or drop', exit: EXIT.refused, clientId }));
  }
  if (left.length === 0) return EXIT.done;
  if (refused.length === left.length) return gone > 0 ? EXIT.partly : EXIT.refused;
  return EXIT.queued;
}
