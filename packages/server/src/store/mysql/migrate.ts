import { StoreUnavailable } from '../../chat/ports/store.ts';
import { pendingMigrations, type SchemaVersion } from '../migrate.ts';
import { ForeignData } from '../store-errors.ts';
import { isSqlFailure, reasonOf } from './failure.ts';
import type { Link } from './link.ts';
import type { Links } from './links.ts';

/** One step of the schema's history. Never edited after its release: only followed by the next. */
export interface MysqlMigration extends SchemaVersion {
  /** Each may run again, and leaves what an older writer (see minWriter) can go on with. */
  readonly statements: readonly string[];
}

/** Nodes that start together wait for the one that migrates, in seconds. */
const WAIT_SECONDS = 60;

/**
 * Brings the schema to this release's version. Nodes may do so at once: one does, the others wait. A node that dies
 * over it leaves no lock, because that belongs to its connection, and the next one begins with the step that it died in.
 * @throws {NewerSchema | ForeignData} for data that this release must not touch
 * @throws {StoreUnavailable} when the server cannot be reached or refuses, or another node takes too long
 */
export async function migrate(links: Links, known: readonly MysqlMigration[]): Promise<void> {
  const link = await links.open('migrate');
  try {
    await lockSchema(link);
    const found = await readVersion(link);
    for (const step of pendingMigrations(found, known)) await run(link, step);
  } catch (error) {
    // A right that is missing, or a server that is too old: for whoever starts the node to read.
    throw isSqlFailure(error) ? new StoreUnavailable(reasonOf(error)) : error;
  } finally {
    await link.close();
  }
}

/** By the database's name, for the lock is the whole server's. */
async function lockSchema(link: Link): Promise<void> {
  const [row] = await link.rows<{ got: number | null }>(
    `SELECT GET_LOCK(CONCAT('parley.', LEFT(SHA2(DATABASE(), 256), 32)), ?) AS got`,
    [WAIT_SECONDS],
  );
  if (row?.got !== 1) throw new StoreUnavailable('another node has been migrating the database for a minute');
}

async function readVersion(link: Link): Promise<SchemaVersion | undefined> {
  const tables = await link.rows<{ name: string }>(
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()',
  );
  if (!tables.some(({ name }) => name === 'parley_schema')) {
    if (tables.length > 0) throw new ForeignData('the database holds tables that are not of Parley');
    await link.run(
      `CREATE TABLE parley_schema (one TINYINT NOT NULL PRIMARY KEY, version INT NOT NULL, min_reader INT NOT NULL,
         min_writer INT NOT NULL) ENGINE = InnoDB`,
    );
  }
  const [row] = await link.rows<SchemaVersion>(
    'SELECT version, min_reader AS minReader, min_writer AS minWriter FROM parley_schema WHERE one = 1',
  );
  return row;
}

async function run(link: Link, { version, minReader, minWriter, statements }: MysqlMigration): Promise<void> {
  for (const statement of statements) await link.run(statement);
  await link.run('REPLACE INTO parley_schema (one, version, min_reader, min_writer) VALUES (1, ?, ?, ?)', [
    version,
    minReader,
    minWriter,
  ]);
}
