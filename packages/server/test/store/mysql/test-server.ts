import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { unavailable } from '@parley/testkit';
import { type Connection, createConnection } from 'mariadb';
import { type Flavour, type ServerProcess, startMysql } from '../../../../rig/src/index.ts';
import { type MysqlStore, type MysqlStoreOptions, openMysqlStore } from '../../../src/store/mysql/mysql-store.ts';
import { until } from './talk.ts';

/** Both servers that the store is made for: every test runs against each. */
const FLAVOURS: readonly Flavour[] = ['mariadb', 'mysql'];

/**
 * Starts both servers, lets tests be registered for each, and stops them after the tests of this file. Both before the
 * first test: the runner takes a file whose tests so far have ended for done, and would stop what starts later.
 */
export async function onEachServer(register: (server: TestServer) => void, options?: readonly string[]): Promise<void> {
  const registrations: (() => void)[] = [];
  for (const flavour of FLAVOURS) {
    const folder = mkdtempSync(path.join(tmpdir(), `parley-${flavour}-`));
    try {
      const process = await startMysql({ flavour, folder, ...(options === undefined ? {} : { options }) });
      after(async () => {
        process.thaw();
        await process.stop();
        rmSync(folder, { recursive: true, force: true });
      });
      registrations.push(() => register(new TestServer(flavour, process)));
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      registrations.push(
        () => void test(`there is a server: ${flavour}`, (t) => unavailable(t, flavour, String(error))),
      );
    }
  }
  for (const each of registrations) each();
}

/** A real server of a test's own. */
export class TestServer {
  readonly flavour: Flavour;
  readonly process: ServerProcess;

  constructor(flavour: Flavour, process: ServerProcess) {
    this.flavour = flavour;
    this.process = process;
  }

  /** The address of a new, empty database. */
  async newDatabase(): Promise<string> {
    const name = `test_${crypto.randomUUID().replaceAll('-', '')}`;
    await using connection = await connectTo(this.process.url);
    await connection.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
    return Object.assign(new URL(this.process.url), { pathname: `/${name}` }).href;
  }

  /** A connection beside the store, which ends with the test. */
  async connect(t: TestContext, url: string): Promise<Connection> {
    const connection = await connectTo(url);
    t.after(() => connection.end().catch(() => undefined));
    return connection;
  }

  /** The address of a database for a user of its own who has no rights beyond: what binds others binds only such. */
  async plainUser(admin: Connection, url: string): Promise<string> {
    const name = new URL(url).pathname.slice(1);
    const username = name.slice(0, 20);
    const grant = `GRANT ALL PRIVILEGES ON ${name}.* TO ${username}@'%'`;
    await admin.query(`CREATE USER ${username}@'%' IDENTIFIED BY 'x'; ${grant}`);
    return Object.assign(new URL(url), { username, password: 'x' }).href;
  }

  /** A store that closes with the test; in a database of its own unless one is named. */
  async open(t: TestContext, options: Partial<MysqlStoreOptions> = {}): Promise<MysqlStore> {
    const store = await openMysqlStore({ ...options, url: options.url ?? (await this.newDatabase()) });
    t.after(() => store.close());
    return store;
  }
}

/** A connection that ends with its scope. */
export async function connectTo(address: string): Promise<Connection & AsyncDisposable> {
  const url = new URL(address);
  const connection = await createConnection({
    host: url.hostname,
    port: Number(url.port),
    user: url.username,
    password: url.password,
    database: url.pathname.slice(1),
    allowPublicKeyRetrieval: true,
    multipleStatements: true,
    bigIntAsNumber: true,
    insertIdAsNumber: true,
  });
  return Object.assign(connection, { [Symbol.asyncDispose]: () => connection.end() });
}

/** Until a transaction of the server waits for a lock. */
export async function untilWaiting(url: string): Promise<void> {
  await using connection = await connectTo(url);
  await until('somebody waits for a lock', async () => {
    // MariaDB tells the same for as long as it is asked more often than every 100 ms.
    await sleep(120);
    const sql = "SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'";
    return (await connection.query<unknown[]>(sql)).length > 0;
  });
}
