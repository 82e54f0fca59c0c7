import type { Evidence } from './evidence.ts';
import { describeId } from './ids.ts';
import type { Violation } from './violation.ts';

/** A message stands behind the one that it was sent `after`, which is there. */
export function* checkChain({ history, ids }: Evidence): Generator<Violation> {
  for (const call of history.calls) {
    if (call.op !== 'send' || call.a === undefined || call.r === undefined || call.r.dup === 1) continue;
    const before = ids.get(call.c ?? '', call.u, call.a)?.rows[0];
    const seq = call.r.q ?? 0;
    if (before && before.q < seq) continue;
    const id = { author: call.u, clientId: call.i ?? '', conversation: call.c ?? '' };
    yield {
      rule: 'chain',
      what: `${describeId(id)} stands at ${seq}, and ${call.a}, which it was sent after, ${before ? `at ${before.q}` : 'is not there'}`,
      conversation: id.conversation,
      user: call.u,
      session: call.s,
      clientId: id.clientId,
      seqs: [...(before ? [before.q] : []), seq],
      lines: [...(ids.get(id.conversation, call.u, call.a)?.tries ?? []), call].map(({ line }) => line),
    };
  }
}
