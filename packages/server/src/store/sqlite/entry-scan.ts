import type { DatabaseSync } from 'node:sqlite';
import type { ConversationId } from '../../chat/ports/records.ts';
import { prepareTuples } from './statement.ts';

/** Rows that are in memory at once. */
const CHUNK = 8_192;

type Place = readonly [pos: number, conversation: ConversationId, seq: number];

/** Returns a function that goes through the entries above a position, in order, and says where each one lies. */
export function createEntryScan(db: DatabaseSync): (above: number, visit: (...place: Place) => void) => void {
  const next = prepareTuples<Place>(
    db,
    `SELECT pos, conversation, seq FROM entry WHERE pos > ? ORDER BY pos LIMIT ${CHUNK}`,
  );
  return function scan(above, visit) {
    let last = above;
    for (;;) {
      const rows = next(last);
      for (const row of rows) visit(...row);
      last = rows.at(-1)?.[0] ?? last;
      if (rows.length < CHUNK) return;
    }
  };
}
