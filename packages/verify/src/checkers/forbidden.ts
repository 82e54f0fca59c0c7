import type { CallRecord } from '../history/record.ts';
import type { Evidence } from './evidence.ts';
import type { Placed } from './history.ts';
import { confirmations, describeId, invokedAt, isRefused, type KnownId } from './ids.ts';
import type { Violation } from './violation.ts';

type Call = Placed<CallRecord>;

/** A revoke may need this long to reach every node. */
const REVOKE_MS = 2_000;
/** A copy on a connection that ended may still be done for so long: much longer than anything stands still in a run. */
const LATE_MS = 60_000;

/** After a block, leave, kick or revoke was acknowledged, nothing that was first asked for later and is forbidden by it went well. */
export function* checkForbidden(evidence: Evidence): Generator<Violation> {
  yield* checkBlocks(evidence);
  yield* checkExits(evidence);
  yield* checkRevokes(evidence);
}

function* checkBlocks(evidence: Evidence): Generator<Violation> {
  const { history, ids } = evidence;
  const blocks = history.calls.filter(({ op, r }) => op === 'block' && r !== undefined);
  const unblocks = history.calls.filter((call) => call.op === 'unblock' && !isUndone(call));
  const sent = Map.groupBy(ids.all(), ({ author, conversation }) => `${author} ${conversation}`);
  for (const block of blocks) {
    const blocked = block.w ?? 0;
    const conversation = `d${Math.min(block.u, blocked)}-${Math.max(block.u, blocked)}`;
    const until = endOf(
      block,
      unblocks.filter(({ u, w }) => u === block.u && w === blocked),
    );
    for (const id of sent.get(`${blocked} ${conversation}`) ?? []) {
      const accepted = acceptedWithin(id, { from: block.d, until, evidence });
      if (accepted) yield violation(block, accepted, { id, by: `user ${block.u} blocked user ${blocked}` });
    }
  }
}

/** It was not done. Only of entries it is always found out: what was refused for want of the database may be done. */
function isUndone(call: Call): boolean {
  return isRefused(call) && call.e !== 'store_unavailable';
}

function* checkExits(evidence: Evidence): Generator<Violation> {
  const { history, ids } = evidence;
  const sent = Map.groupBy(ids.all(), ({ author, conversation }) => `${author} ${conversation}`);
  for (const exit of history.calls) {
    if ((exit.op !== 'leave' && exit.op !== 'kick') || exit.r === undefined || exit.r.dup === 1) continue;
    const out = exit.op === 'leave' ? exit.u : (exit.w ?? 0);
    const mine = sent.get(`${out} ${exit.c}`) ?? [];
    const joins = mine.flatMap(({ tries }) => tries.filter((call) => call.op === 'join' && !isRefused(call)));
    const until = endOf(exit, joins);
    for (const id of mine) {
      const accepted = id.tries[0]?.op === 'send' ? acceptedWithin(id, { from: exit.d, until, evidence }) : undefined;
      if (accepted) yield violation(exit, accepted, { id, by: `user ${out} was put out of ${exit.c} or left` });
    }
  }
}

/** When what undoes it may first have been done: the first call that was not over when it was asked for. */
function endOf(call: Call, undoing: readonly Call[]): number {
  // One whose connection ended may be done a good while later.
  const open = undoing.filter(({ r, d }) => (r === undefined ? d + LATE_MS : d) > call.t);
  return open.reduce((least, { t }) => Math.min(least, t), Number.POSITIVE_INFINITY);
}

interface Span {
  readonly from: number;
  readonly until: number;
  readonly evidence: Evidence;
}

/** A call that had it stored, when it was first asked for after `from` and was certainly there before `until`. */
function acceptedWithin(id: KnownId, { from, until, evidence }: Span): Call | undefined {
  if (invokedAt(id) <= from) return undefined;
  const told = confirmations(id).find(({ d }) => d < until);
  const [row] = id.rows;
  if (told || row?.kind !== 'message') return told;
  return evidence.storedBy(id.conversation, row.q) < until ? id.tries[0] : undefined;
}

function* checkRevokes({ history, ids }: Evidence): Generator<Violation> {
  const revokes = history.calls.filter(({ op, r }) => op === 'revoke' && r !== undefined);
  const byDevice = new Map(revokes.map((revoke) => [revoke.dev ?? 0, revoke]));
  for (const call of history.calls) {
    const device = call.op === 'revoke' ? undefined : (call.dev ?? history.sessions.get(call.s)?.d);
    const revoke = byDevice.get(device ?? 0);
    if (revoke === undefined || call.t <= revoke.d + REVOKE_MS) continue;
    const known = ids.get(call.c ?? '', call.u, call.i ?? '');
    if (call.r === undefined && !isOnlyMaker(call, known)) continue;
    const id = known ?? { author: call.u, clientId: '', conversation: call.c ?? '', rows: [] };
    yield violation(revoke, call, { id, by: `device ${device} was revoked more than two seconds before` });
  }
}

/** It was not answered, and yet what it asked for is there, and nothing else asked for it. */
function isOnlyMaker(call: Call, id: KnownId | undefined): boolean {
  return id?.tries.length === 1 && id.tries[0] === call && id.rows[0] !== undefined && id.rows[0].kind !== 'cancel';
}

interface Circumstances {
  readonly id: Pick<KnownId, 'author' | 'clientId' | 'conversation' | 'rows'>;
  readonly by: string;
}

function violation(cause: Call, accepted: Call, { id, by }: Circumstances): Violation {
  const seq = accepted.r?.q ?? id.rows[0]?.q;
  return {
    rule: 'forbidden',
    what: `${accepted.op} ${describeId(id)} was accepted as ${seq ?? 'done'} though ${by}`,
    conversation: id.conversation,
    user: id.author,
    session: accepted.s,
    clientId: id.clientId,
    seqs: seq === undefined ? [] : [seq],
    lines: [cause, accepted, ...id.rows].map(({ line }) => line),
  };
}
