import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { type Connection, createConnection } from 'mariadb';
import { type Flavour, type ServerProcess, startMysql } from '../../../../rig/src/index.ts';

/** Both servers that the store is made for: every test runs against each. */
export const FLAVOURS: readonly Flavour[] = ['mariadb', 'mysql'];

/** A server for the tests of one file. It ends with them. */
export class TestServer {
  readonly flavour: Flavour;
  readonly #started: Promise<ServerProcess>;

  constructor(flavour: Flavour) {
    this.flavour = flavour;
    const folder = mkdtempSync(path.join(tmpdir(), `parley-${flavour}-`));
    this.#started = startMysql({ flavour, folder });
    after(async () => {
      const server = await this.#started.catch(() => undefined);
      await server?.stop();
      rmSync(folder, { recursive: true, force: true });
    });
  }

  process(): Promise<ServerProcess> {
    return this.#started;
  }

  /** The address of a new, empty database. */
  async newDatabase(): Promise<string> {
    const { url } = await this.#started;
    const name = `test_${crypto.randomUUID().replaceAll('-', '')}`;
    const connection = await connectTo(url);
    await connection.query(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`);
    await connection.end();
    return Object.assign(new URL(url), { pathname: `/${name}` }).href;
  }
}

/** A connection of the test's own, beside the store. */
export async function connectTo(address: string): Promise<Connection> {
  const url = new URL(address);
  return createConnection({
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
}
