import { DatabaseSync } from 'node:sqlite';
import { type DatabaseEntry, nameOfConversation, partsOfConversation, rowOf } from './database-row.ts';
import type { RecordSink } from './system.ts';

const CONVERSATIONS = 'SELECT id, low, high, group_id AS groupId FROM conversation';
const OF_PAIR = `${CONVERSATIONS} WHERE low = ? AND high = ?`;
const OF_GROUP = `${CONVERSATIONS} WHERE group_id = ?`;
const ENTRIES = `SELECT seq, ord, tag, kind, author, client_id AS clientId, time, text, target, role FROM entry
  WHERE conversation = ? ORDER BY seq`;
const POSITIONS = 'SELECT user, read_seq AS readSeq, delivered_seq AS deliveredSeq FROM member WHERE conversation = ?';
const SETTLE_AT = 10_000;

interface Conversation {
  readonly id: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly groupId: number | null;
}

interface Position {
  readonly user: number;
  readonly readSeq: number;
  readonly deliveredSeq: number;
}

/** Reads the embedded database's file beside the server that has it open: see ReadDatabase. */
export async function readSqlite(file: string, history: RecordSink, only?: ReadonlySet<string>): Promise<number> {
  const db = new DatabaseSync(file, { readOnly: true });
  let count = 0;
  try {
    // There is no index by conversation: one pass into a temporary order would cost as much as it saves here.
    const entries = db.prepare(ENTRIES);
    const positions = db.prepare(POSITIONS);
    for (const conversation of conversationsIn(db, only)) {
      const name = nameOfConversation(conversation);
      for (const entry of entries.iterate(conversation.id) as Iterable<unknown>) {
        history.write(rowOf(name, entry as DatabaseEntry));
        count += 1;
        if (count % SETTLE_AT === 0) await history.settle();
      }
      for (const { user, readSeq, deliveredSeq } of positions.all(conversation.id) as unknown as Position[]) {
        const position = { s: 0, u: user, c: name, read: readSeq, delivered: deliveredSeq };
        history.write({ k: 'pos', t: history.now(), ...position });
      }
    }
  } finally {
    db.close();
  }
  return count;
}

function conversationsIn(db: DatabaseSync, only: ReadonlySet<string> | undefined): Conversation[] {
  if (only === undefined) return db.prepare(CONVERSATIONS).all() as unknown as Conversation[];
  const [pair, group] = [db.prepare(OF_PAIR), db.prepare(OF_GROUP)];
  return [...only].flatMap((name) => {
    const parts = partsOfConversation(name);
    const rows = 'groupId' in parts ? group.all(parts.groupId) : pair.all(parts.low, parts.high);
    return rows as unknown as Conversation[];
  });
}
