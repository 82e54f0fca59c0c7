import type { PositionRecord } from '../history/record.ts';
import type { Evidence } from './evidence.ts';
import type { Placed } from './history.ts';
import type { Violation } from './violation.ts';

type Position = Placed<PositionRecord>;

/** Positions never move back in what a session is told, and the database keeps what was acknowledged. */
export function* checkCursors(evidence: Evidence): Generator<Violation> {
  const last = new Map<string, Position>();
  for (const position of evidence.history.positions) {
    const key = `${position.s} ${position.u} ${position.c}`;
    const before = last.get(key);
    if (before && (position.read < before.read || position.delivered < before.delivered))
      yield fellBack(before, position);
    last.set(key, position);
  }
  yield* checkKept(evidence);
}

function fellBack(before: Position, { s, u, c, read, delivered, line }: Position): Violation {
  return {
    rule: 'cursors',
    what: `session ${s} of user ${u} was told that ${c} is read up to ${read} and delivered up to ${delivered}, after ${before.read} and ${before.delivered}`,
    conversation: c,
    user: u,
    session: s,
    seqs: [before.read, read],
    lines: [before.line, line],
  };
}

/** `read` moves both. */
function* checkKept({ history }: Evidence): Generator<Violation> {
  const kept = new Map(
    history.positions.filter(({ s }) => s === 0).map((position) => [`${position.u} ${position.c}`, position]),
  );
  for (const call of history.calls) {
    if ((call.op !== 'read' && call.op !== 'delivered') || call.r === undefined) continue;
    const position = kept.get(`${call.u} ${call.c}`);
    const at = call.op === 'read' ? position?.read : position?.delivered;
    if (position === undefined || at === undefined || at >= (call.to ?? 0)) continue;
    yield {
      rule: 'cursors',
      what: `user ${call.u} was told that ${call.c} is ${call.op} up to ${call.to}, and the database has ${at}`,
      conversation: call.c ?? '',
      user: call.u,
      session: call.s,
      seqs: [call.to ?? 0, at],
      lines: [call.line, position.line],
    };
  }
}
