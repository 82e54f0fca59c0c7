import type { DatabaseSync } from 'node:sqlite';
import { createEntryScan } from './entry-scan.ts';
import type { PositionTail } from './position-tail.ts';
import { prepare } from './statement.ts';

/**
 * The reader's side of the lagging index. Returns a function that brings the tail up to the snapshot of the current
 * transaction: every entry from the floor on. What is below the floor is in the index.
 */
export function createTailFollower(db: DatabaseSync, tail: PositionTail): () => void {
  const floorRow = prepare<{ pos: number }>(db, 'SELECT pos FROM index_floor');
  const scan = createEntryScan(db);
  let floor = 0;
  let seen = 0;
  return function follow() {
    const now = floorRow.get()?.pos ?? 1;
    if (now > seen + 1) {
      tail.clear();
      seen = now - 1;
    } else if (now > floor) {
      tail.dropBelow(now);
    }
    floor = now;
    scan(seen, (pos, conversation, seq) => {
      tail.add(conversation, seq, pos);
      seen = pos;
    });
  };
}
