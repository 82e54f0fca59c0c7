import { randomUUID } from 'node:crypto';
import { type Connection, createConnection } from 'mariadb';

/** Heads that one transaction locks, and rows that it inserts. */
const ROWS = 100;
const TEXT = 'x'.repeat(100);

const TABLES = [
  'CREATE DATABASE IF NOT EXISTS raw_transactions',
  'USE raw_transactions',
  'DROP TABLE IF EXISTS head, entry',
  'CREATE TABLE head (conversation INT PRIMARY KEY, seq INT NOT NULL)',
  `CREATE TABLE entry (conversation INT NOT NULL, seq INT NOT NULL, client_id VARBINARY(64) NOT NULL, text TEXT NOT NULL,
     PRIMARY KEY (conversation, seq), UNIQUE (client_id, conversation)) CHARACTER SET utf8mb4`,
];

/**
 * What the database does at best: the log's transaction (lock the heads, insert the rows, move the heads, commit) from one
 * client that does nothing else. Rows a second.
 */
export async function measureTransactions(url: string, ms: number): Promise<number> {
  const { hostname: host, port, username: user, password } = new URL(url);
  const address = { host, port: Number(port), user, password };
  const connection = await createConnection({ ...address, multipleStatements: true, allowPublicKeyRetrieval: true });
  try {
    for (const statement of TABLES) await connection.query(statement);
    const heads = Array.from({ length: ROWS }, (_, index) => `(${index + 1}, 0)`);
    await connection.query(`INSERT INTO head VALUES ${heads.join(', ')}`);
    return await commitFor(connection, ms);
  } finally {
    await connection.query('DROP DATABASE raw_transactions');
    await connection.end();
  }
}

async function commitFor(connection: Connection, ms: number): Promise<number> {
  const beginMs = performance.now();
  let seq = 0;
  while (performance.now() - beginMs < ms) {
    seq += 1;
    await connection.query('START TRANSACTION; SELECT conversation, seq FROM head ORDER BY conversation FOR UPDATE');
    const rows = Array.from({ length: ROWS }, (_, index) => [index + 1, seq, randomUUID(), TEXT]);
    const places = rows.map(() => '(?, ?, ?, ?)').join(', ');
    await connection.query(`INSERT INTO entry VALUES ${places}; UPDATE head SET seq = ?; COMMIT`, [
      ...rows.flat(),
      seq,
    ]);
  }
  return (seq * ROWS * 1_000) / (performance.now() - beginMs);
}
