import type { PositionRecord } from '../history/record.ts';
import type { Evidence } from './evidence.ts';
import type { Placed } from './history.ts';
import { checkMoves } from './moves.ts';
import type { Violation } from './violation.ts';

type Position = Placed<PositionRecord>;

/** Positions never move back in what a session is told, the database keeps what was acknowledged, and nothing else moved them. */
export function* checkCursors(evidence: Evidence): Generator<Violation> {
  const last = new Map<string, Position>();
  for (const position of evidence.history.positions) {
    const key = `${position.s} ${position.u} ${position.c}`;
    const before = last.get(key);
    if (before && (position.read < before.read || position.delivered < before.delivered))
      yield fellBack(before, position);
    last.set(key, position);
  }
  yield* checkMoves(evidence);
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
