import type { CallRecord, PositionRecord } from '../history/record.ts';
import type { Evidence } from './evidence.ts';
import type { History, Placed } from './history.ts';
import type { Violation } from './violation.ts';

type Call = Placed<CallRecord>;
type Position = Placed<PositionRecord>;

/** What may have moved the positions of one user in one conversation. */
interface Said {
  readonly calls: Call[];
  /** Where own entries put them: a message on itself, a join before itself. */
  readonly own: Set<number>;
}

/** Acknowledged moves are kept, by the database and for sessions that begin later; and positions stand where somebody put them. */
export function* checkMoves({ history }: Evidence): Generator<Violation> {
  const said = saidIn(history);
  for (const position of history.positions) yield* checkKept(position, saidOf(said, position), history);
  if (history.run?.truth !== 'nodes') yield* checkThere(history.positions, said);
  // A simulated history, which has no first line, may have positions of before an older copy of the database.
  if (history.run) for (const position of history.positions) yield* checkPlace(position, saidOf(said, position));
}

function* checkKept(position: Position, { calls }: Said, { sessions }: History): Generator<Violation> {
  const since = position.s === 0 ? Number.POSITIVE_INFINITY : (sessions.get(position.s)?.t ?? 0);
  for (const which of ['read', 'delivered'] as const) {
    const at = position[which];
    const lost = movesOf(which, calls).find(({ r, d, to = 0 }) => r !== undefined && d < since && to > at);
    const whoHas = position.s === 0 ? 'the database has' : `session ${position.s}, which began later, was told`;
    if (lost) yield violation(lost, `${whoHas} ${which} up to ${at}`, [position]);
  }
}

function* checkThere(positions: readonly Position[], said: ReadonlyMap<string, Said>): Generator<Violation> {
  const there = new Set(positions.filter(({ s }) => s === 0).map(keyOf));
  for (const { calls } of said.values()) {
    const told = calls.find(({ r }) => r !== undefined);
    if (told && !there.has(keyOf(told))) yield violation(told, 'the database has nothing of that', []);
  }
}

function* checkPlace(position: Position, { calls, own }: Said): Generator<Violation> {
  const { s, u, c, line } = position;
  for (const which of ['read', 'delivered'] as const) {
    const at = position[which];
    // A refused one may still be done: he did say so.
    if (own.has(at) || movesOf(which, calls).some(({ to }) => to === at)) continue;
    const whoHas = s === 0 ? 'the database has' : `session ${s} was told`;
    const what = `${whoHas} ${c} as ${which} up to ${at} by user ${u}, and nobody said so`;
    yield { rule: 'cursors', what, conversation: c, user: u, session: s, seqs: [at], lines: [line] };
  }
}

/** `read` moves both. */
function movesOf(which: 'read' | 'delivered', calls: readonly Call[]): Call[] {
  return calls.filter(({ op }) => op === 'read' || op === which);
}

function saidIn({ calls, logs }: History): Map<string, Said> {
  const all = new Map<string, Said>();
  const said = (u: number, c: string | undefined): Said => {
    const found = saidOf(all, { u, c });
    all.set(keyOf({ u, c }), found);
    return found;
  };
  for (const call of calls) if (call.op === 'read' || call.op === 'delivered') said(call.u, call.c).calls.push(call);
  for (const [conversation, log] of logs) {
    for (const { a, q, kind } of log) said(a, conversation).own.add(kind === 'join' ? q - 1 : q);
  }
  return all;
}

function saidOf(all: ReadonlyMap<string, Said>, whose: Whose): Said {
  return all.get(keyOf(whose)) ?? { calls: [], own: new Set([0]) };
}

type Whose = Pick<Call, 'u' | 'c'>;

function keyOf({ u, c }: Whose): string {
  return `${u} ${c}`;
}

function violation(call: Call, instead: string, positions: readonly Position[]): Violation {
  const { u, c = '', s, op, to = 0 } = call;
  return {
    rule: 'cursors',
    what: `user ${u} was told that ${c} is ${op} up to ${to}, and ${instead}`,
    conversation: c,
    user: u,
    session: s,
    seqs: [to, ...positions.map(({ read, delivered }) => (op === 'read' ? read : delivered))],
    lines: [call, ...positions].map(({ line }) => line),
  };
}
