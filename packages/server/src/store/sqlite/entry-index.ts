import type { DatabaseSync } from 'node:sqlite';
import type { ConversationId } from '../../chat/ports/records.ts';
import { createEntryScan } from './entry-scan.ts';
import { countPositions, POSITIONS_PER_ROW, packPositions } from './position-blob.ts';
import { PositionTail } from './position-tail.ts';
import { createPositions, type Positions } from './positions.ts';
import { prepare } from './statement.ts';

/** The writer's side of the (conversation, seq) index, which lags behind the log on purpose. */
export interface EntryIndex {
  readonly positions: Positions;
  /** Notes an entry that was just inserted. */
  add(conversation: ConversationId, seq: number, pos: number): void;
  /** Indexes a slice, when the tail is above its bound; runs in the transaction that appended `rows` entries. */
  step(rows: number): void;
  /** Reads the tail from the tables: at the start, after a rollback, after another process wrote. */
  reload(): void;
}

/**
 * Entries wait in memory until the tail holds `bound` of them. From then on each transaction indexes about as many
 * rows as it appends: all that waits of the next conversations, in the order of their ids, so that one slice touches
 * few pages. Once around is a cycle. When a cycle ends, all that had been appended when it began is indexed, and the
 * floor moves there. So memory holds about `bound` positions, and a start scans about four times as many rows.
 */
export function createEntryIndex(db: DatabaseSync, bound: number): EntryIndex {
  const tail = new PositionTail();
  const insert = prepare(db, 'INSERT INTO entry_position (conversation, first_seq, positions) VALUES (?, ?, ?)');
  const setFloor = prepare(db, 'UPDATE index_floor SET pos = ?');
  const loadTail = createTailLoader(db, tail);
  let cycle: { queue: Float64Array; next: number; floor: number } | undefined;
  let newest = 0;

  function indexNext(): number {
    cycle ??= { queue: sortedConversations(tail), next: 0, floor: newest + 1 };
    const conversation = cycle.queue[cycle.next];
    if (conversation === undefined) {
      setFloor.run(cycle.floor);
      cycle = undefined;
      return 0;
    }
    cycle.next += 1;
    const run = tail.take(conversation as ConversationId);
    if (run === undefined) return 0;
    for (let at = 0; at < run.positions.length; at += POSITIONS_PER_ROW) {
      insert.run(conversation, run.first + at, packPositions(run.positions.slice(at, at + POSITIONS_PER_ROW)));
    }
    return run.positions.length;
  }

  return {
    positions: createPositions(db, tail),
    add(conversation, seq, pos) {
      tail.add(conversation, seq, pos);
      newest = pos;
    },
    step(rows) {
      // Above the bound twice the pace, so that the tail shrinks back to it.
      let left = Math.min(2 * rows, tail.size - bound);
      while (left > 0 && tail.size > 0) left -= indexNext();
    },
    reload() {
      cycle = undefined;
      newest = loadTail();
    },
  };
}

function sortedConversations(tail: PositionTail): Float64Array {
  return Float64Array.from(tail.conversations()).sort();
}

/** Reads what is not indexed into the tail; returns the newest position. */
function createTailLoader(db: DatabaseSync, tail: PositionTail): () => number {
  const scan = createEntryScan(db);
  const floor = prepare<{ pos: number }>(db, 'SELECT pos FROM index_floor');
  const lastRow = prepare<{ first: number; positions: Uint8Array }>(
    db,
    `SELECT first_seq AS first, positions FROM entry_position WHERE conversation = ?
     ORDER BY first_seq DESC LIMIT 1`,
  );
  const newest = prepare<{ pos: number | null }>(db, 'SELECT max(pos) AS pos FROM entry');
  function lastIndexed(conversation: ConversationId): number {
    const row = lastRow.get(conversation);
    return row === undefined ? 0 : row.first + countPositions(row.positions) - 1;
  }
  return function loadTail() {
    tail.clear();
    const indexedTo = new Map<ConversationId, number>();
    scan((floor.get()?.pos ?? 1) - 1, (pos, conversation, seq) => {
      let to = indexedTo.get(conversation);
      if (to === undefined) {
        to = lastIndexed(conversation);
        indexedTo.set(conversation, to);
      }
      if (seq > to) tail.add(conversation, seq, pos);
    });
    return newest.get()?.pos ?? 0;
  };
}
