import type { DatabaseSync } from 'node:sqlite';
import type { ConversationId } from '../../chat/ports/records.ts';
import { countPositions, positionAt } from './position-blob.ts';
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

interface IndexRow {
  readonly first: number;
  readonly positions: Uint8Array;
}

/**
 * Asks the tail first and the index only for what is older. The answer is as current as the tail: a reader's
 * must follow the writer's.
 */
export function createPositions(db: DatabaseSync, tail: PositionTail): Positions {
  const columns = 'first_seq AS first, positions FROM entry_position';
  const upTo = prepare<IndexRow>(
    db,
    `SELECT ${columns} WHERE conversation = ? AND first_seq <= ? ORDER BY first_seq DESC LIMIT 1`,
  );
  const range = prepare<IndexRow>(
    db,
    `SELECT ${columns} WHERE conversation = ? AND first_seq > ? AND first_seq <= ? ORDER BY first_seq`,
  );

  function indexedAt(conversation: ConversationId, seq: number): number | undefined {
    const row = upTo.get(conversation, seq);
    return row === undefined ? undefined : positionAt(row.positions, seq - row.first);
  }

  function indexedLast(conversation: ConversationId): number | undefined {
    const row = upTo.get(conversation, Number.MAX_SAFE_INTEGER);
    return row === undefined ? undefined : positionAt(row.positions, countPositions(row.positions) - 1);
  }

  function indexedBetween(conversation: ConversationId, from: number, to: number): number[] {
    const start = upTo.get(conversation, from);
    const rows = range.all(conversation, from, to);
    if (start !== undefined) rows.unshift(start);
    return rows.flatMap((row) => slice(row, from, to));
  }

  return {
    at: (conversation, seq) => tail.at(conversation, seq) ?? indexedAt(conversation, seq),
    last: (conversation) => tail.last(conversation) ?? indexedLast(conversation),
    between(conversation, from, to) {
      const run = tail.run(conversation);
      const indexedTo = run === undefined ? to : Math.min(to, run.first - 1);
      const found = from > indexedTo ? [] : indexedBetween(conversation, from, indexedTo);
      if (run === undefined || to < run.first) return found;
      return [...found, ...run.positions.slice(Math.max(0, from - run.first), to - run.first + 1)];
    },
  };
}

/** The positions of one row that belong to the entries from `from` to `to`. */
function slice({ first, positions }: IndexRow, from: number, to: number): number[] {
  const found: number[] = [];
  const end = Math.min(to - first, countPositions(positions) - 1);
  for (let index = Math.max(0, from - first); index <= end; index += 1) {
    const pos = positionAt(positions, index);
    if (pos !== undefined) found.push(pos);
  }
  return found;
}
