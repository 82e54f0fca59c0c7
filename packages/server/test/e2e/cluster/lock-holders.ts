import type { TestContext } from 'node:test';
import { type Connection, createConnection } from 'mariadb';
import type { Cluster } from '../../../../rig/src/index.ts';

/** Tells how many conversations somebody keeps locked right now. */
export interface LockWatch {
  locked(): Promise<number>;
}

/** Asks the database of a cluster, over a connection that ends with the test. */
export async function watchLocks(t: TestContext, { database }: Cluster): Promise<LockWatch> {
  if (database === undefined) throw new Error('only a database of our own can be asked');
  const { hostname: host, port, username: user, password, pathname } = new URL(database.url);
  const address = { host, port: Number(port), user, password, database: pathname.slice(1) };
  const connection = await createConnection({ ...address, allowPublicKeyRetrieval: true });
  // The database ends before the hooks of the test do.
  connection.on('error', () => {});
  t.after(() => connection.end().catch(() => {}));
  return { locked: async () => (await count(connection, '')) - (await count(connection, 'FOR UPDATE SKIP LOCKED')) };
}

async function count(connection: Connection, how: string): Promise<number> {
  const rows = await connection.query<unknown[]>(`SELECT conversation FROM head ${how}`);
  return rows.length;
}
