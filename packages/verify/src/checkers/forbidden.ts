import type { CallRecord } from '../history/record.ts';
import type { Evidence } from './evidence.ts';
import type { Placed } from './history.ts';
import { confirmations, describeId, invokedAt, type KnownId } from './ids.ts';
import type { Violation } from './violation.ts';

type Call = Placed<CallRecord>;

/** A revoke may need this long to reach every node. */
const REVOKE_MS = 2_000;

/** After a block, leave, kick or revoke was acknowledged, nothing that was first asked for later and is forbidden by it went well. */
export function* checkForbidden(evidence: Evidence): Generator<Violation> {
  yield* checkBlocks(evidence);
  yield* checkExits(evidence);
  yield* checkRevokes(evidence);
}

function* checkBlocks({ history, ids }: Evidence): Generator<Violation> {
  const blocks = history.calls.filter(({ op, r }) => op === 'block' && r !== undefined);
  const unblocks = history.calls.filter(({ op }) => op === 'unblock');
  const sent = Map.groupBy(ids.all(), ({ author, conversation }) => `${author} ${conversation}`);
  for (const block of blocks) {
    const blocked = block.w ?? 0;
    const conversation = `d${Math.min(block.u, blocked)}-${Math.max(block.u, blocked)}`;
    const until = endOf(
      block,
      unblocks.filter(({ u, w }) => u === block.u && w === blocked),
    );
    for (const id of sent.get(`${blocked} ${conversation}`) ?? []) {
      const accepted = acceptedWithin(id, block.d, until);
      if (accepted) yield violation(block, accepted, { id, by: `user ${block.u} blocked user ${blocked}` });
    }
  }
}

function* checkExits({ history, ids }: Evidence): Generator<Violation> {
  const sent = Map.groupBy(ids.all(), ({ author, conversation }) => `${author} ${conversation}`);
  for (const exit of history.calls) {
    if ((exit.op !== 'leave' && exit.op !== 'kick') || exit.r === undefined || exit.r.dup === 1) continue;
    const out = exit.op === 'leave' ? exit.u : (exit.w ?? 0);
    const mine = sent.get(`${out} ${exit.c}`) ?? [];
    const joins = mine.flatMap(({ tries }) => tries.filter(({ op }) => op === 'join'));
    const until = endOf(exit, joins);
    for (const id of mine) {
      const accepted = id.tries[0]?.op === 'send' ? acceptedWithin(id, exit.d, until) : undefined;
      if (accepted) yield violation(exit, accepted, { id, by: `user ${out} was put out of ${exit.c} or left` });
    }
  }
}

/** When what undoes it may first have been done: the first call that was not over when it was asked for. */
function endOf(call: Call, undoing: readonly Call[]): number {
  // One whose connection ended may still be done at any later time; one that was refused never was.
  const open = undoing.filter(({ r, e, d }) => (r !== undefined && d > call.t) || (r === undefined && e === undefined));
  return open.reduce((least, { t }) => Math.min(least, t), Number.POSITIVE_INFINITY);
}

/** An answer that it was stored, when it was first asked for after `from` and answered before `until`. */
function acceptedWithin(id: KnownId, from: number, until: number): Call | undefined {
  if (invokedAt(id) <= from) return undefined;
  return confirmations(id).find(({ d }) => d < until);
}

function* checkRevokes({ history }: Evidence): Generator<Violation> {
  const revokes = history.calls.filter(({ op, r }) => op === 'revoke' && r !== undefined);
  for (const revoke of revokes) {
    for (const call of history.calls) {
      const device = call.op === 'revoke' ? undefined : (call.dev ?? history.sessions.get(call.s)?.d);
      if (device !== revoke.dev || call.r === undefined || call.t <= revoke.d + REVOKE_MS) continue;
      const id = { author: call.u, clientId: call.i ?? '', conversation: call.c ?? '' };
      yield violation(revoke, call, { id, by: `device ${device} was revoked more than two seconds before` });
    }
  }
}

interface Circumstances {
  readonly id: Pick<KnownId, 'author' | 'clientId' | 'conversation'>;
  readonly by: string;
}

function violation(cause: Call, accepted: Call, { id, by }: Circumstances): Violation {
  return {
    rule: 'forbidden',
    what: `${accepted.op} ${describeId(id)} was accepted as ${accepted.r?.q ?? 'done'} though ${by}`,
    conversation: id.conversation,
    user: id.author,
    session: accepted.s,
    clientId: id.clientId,
    seqs: accepted.r?.q === undefined ? [] : [accepted.r.q],
    lines: [cause.line, accepted.line],
  };
}
