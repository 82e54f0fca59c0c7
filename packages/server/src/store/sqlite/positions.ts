import type { DatabaseSync } from 'node:sqlite';
import type { ConversationId } from '../../chat/ports/records.ts';
import type { PositionTail } from './position-tail.ts';
import { prepare } from './statement.ts';

/** Finds where entries lie: in the tail what is recent, in the index what is older. The tail's part comes last. */
export interface Positions {
  /** Position of one entry; undefined when there is none. */
  at(conversation: ConversationId, seq: number): number | undefined;
  /** Position of the conversation's last entry; undefined before the first. */
  last(conversation: ConversationId): number | undefined;
  /** Positions of the entries from `from` to `to`, both included, by rising seq. */
  between(conversation: ConversationId, from: number, to: number): number[];
}

export function createPositions(db: DatabaseSync, tail: PositionTail): Positions {
  const one = prepare<{ pos: number }>(db, 'SELECT pos FROM entry_position WHERE conversation = ? AND seq = ?');
  const newest = prepare<{ pos: number }>(
    db,
    'SELECT pos FROM entry_position WHERE conversation = ? ORDER BY seq DESC LIMIT 1',
  );
  const range = prepare<{ pos: number }>(
    db,
    'SELECT pos FROM entry_position WHERE conversation = ? AND seq BETWEEN ? AND ? ORDER BY seq',
  );
  return {
    at: (conversation, seq) => tail.at(conversation, seq) ?? one.get(conversation, seq)?.pos,
    last: (conversation) => tail.last(conversation) ?? newest.get(conversation)?.pos,
    between(conversation, from, to) {
      const run = tail.run(conversation);
      const indexedTo = run === undefined ? to : Math.min(to, run.first - 1);
      const found = from > indexedTo ? [] : range.all(conversation, from, indexedTo).map(({ pos }) => pos);
      if (run === undefined || to < run.first) return found;
      return [...found, ...run.positions.slice(Math.max(0, from - run.first), to - run.first + 1)];
    },
  };
}
