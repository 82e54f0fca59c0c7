import { type Connection, createConnection } from 'mariadb';
import type { HistoryWriter } from '../history/history-writer.ts';
import { type DatabaseEntry, nameOfConversation, rowOf } from './database-row.ts';

const CONVERSATIONS = `SELECT id, low, high, group_id AS groupId, seq, ord, tag FROM conversation
  LEFT JOIN head ON head.conversation = conversation.id`;
const ENTRIES = `SELECT seq, ord, tag, kind, author, CAST(client_id AS CHAR CHARACTER SET ascii) AS clientId, time, text, target, role
  FROM entry WHERE conversation = ? AND seq > ? ORDER BY seq LIMIT 2000`;
const ALL_ENTRIES = 'SELECT COUNT(*) AS count FROM entry';
const POSITIONS = 'SELECT user, read_seq AS readSeq, delivered_seq AS deliveredSeq FROM member WHERE conversation = ?';

interface Conversation {
  readonly id: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly groupId: number | null;
  readonly seq: number | null;
  readonly ord: number | null;
  readonly tag: number | null;
}

/** Reads everything from the database itself, past all nodes. @returns the number of entries */
export async function readMysql(url: string, history: HistoryWriter): Promise<number> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const connection = await createConnection({
    host: hostname,
    port: Number(port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: pathname.slice(1),
    bigIntAsNumber: true,
  });
  try {
    let count = 0;
    for (const conversation of await connection.query<Conversation[]>(CONVERSATIONS)) {
      count += await readConversation(connection, conversation, history);
    }
    const [all] = await connection.query<{ count: number }[]>(ALL_ENTRIES);
    if (all?.count !== count) throw new Error(`${all?.count} entries in all, ${count} of known conversations`);
    return count;
  } finally {
    await connection.end();
  }
}

async function readConversation(
  connection: Connection,
  conversation: Conversation,
  history: HistoryWriter,
): Promise<number> {
  const name = nameOfConversation(conversation);
  let count = 0;
  for (let after = 0; ; ) {
    const page = await connection.query<DatabaseEntry[]>(ENTRIES, [conversation.id, after]);
    for (const entry of page) history.write(rowOf(name, entry));
    await history.settle();
    count += page.length;
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.seq;
  }
  const { seq, ord, tag } = conversation;
  history.write({ k: 'head', c: name, q: seq ?? 0, o: ord ?? 0, g: tag ?? 0 });
  const positions = await connection.query<{ user: number; readSeq: number; deliveredSeq: number }[]>(POSITIONS, [
    conversation.id,
  ]);
  for (const { user, readSeq, deliveredSeq } of positions) {
    const position = { s: 0, u: user, c: name, read: readSeq, delivered: deliveredSeq };
    history.write({ k: 'pos', t: history.now(), ...position });
  }
  return count;
}
