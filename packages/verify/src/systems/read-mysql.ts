import { type Connection, createConnection } from 'mariadb';
import { type DatabaseEntry, nameOfConversation, partsOfConversation, rowOf } from './database-row.ts';
import type { RecordSink } from './system.ts';

const CONVERSATIONS = `SELECT id, low, high, group_id AS groupId, seq, ord, tag FROM conversation
  LEFT JOIN head ON head.conversation = conversation.id`;
const OF_PAIR = `${CONVERSATIONS} WHERE low = ? AND high = ?`;
const OF_GROUP = `${CONVERSATIONS} WHERE group_id = ?`;
const ENTRIES = `SELECT seq, ord, tag, kind, author, CAST(client_id AS CHAR CHARACTER SET ascii) AS clientId, time, text, target, role
  FROM entry WHERE conversation = ? AND seq > ? ORDER BY seq LIMIT 2000`;
const ALL_ENTRIES = 'SELECT COUNT(*) AS count FROM entry';
const POSITIONS = 'SELECT user, read_seq AS readSeq, delivered_seq AS deliveredSeq FROM member WHERE conversation = ?';

const MYSQL_PORT = 3_306;

interface Conversation {
  readonly id: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly groupId: number | null;
  readonly seq: number | null;
  readonly ord: number | null;
  readonly tag: number | null;
}

/** Reads the database itself, past all nodes: see ReadDatabase. */
export async function readMysql(url: string, history: RecordSink, only?: ReadonlySet<string>): Promise<number> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const connection = await createConnection({
    host: hostname,
    port: Number(port || MYSQL_PORT),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: pathname.slice(1),
    bigIntAsNumber: true,
  });
  try {
    let count = 0;
    for (const conversation of await conversationsIn(connection, only)) {
      count += await readConversation(connection, conversation, history);
    }
    if (only !== undefined) return count;
    const [all] = await connection.query<{ count: number }[]>(ALL_ENTRIES);
    if (all?.count !== count) throw new Error(`${all?.count} entries in all, ${count} of known conversations`);
    return count;
  } finally {
    await connection.end();
  }
}

async function conversationsIn(connection: Connection, only?: ReadonlySet<string>): Promise<Conversation[]> {
  if (only === undefined) return connection.query<Conversation[]>(CONVERSATIONS);
  const found: Conversation[] = [];
  for (const name of only) {
    const parts = partsOfConversation(name);
    const [sql, keys] = 'groupId' in parts ? [OF_GROUP, [parts.groupId]] : [OF_PAIR, [parts.low, parts.high]];
    found.push(...(await connection.query<Conversation[]>(sql, keys)));
  }
  return found;
}

async function readConversation(
  connection: Connection,
  conversation: Conversation,
  history: RecordSink,
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
