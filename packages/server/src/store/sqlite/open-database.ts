import { closeSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreUnavailable } from '../../chat/ports/store.ts';
import { type Migration, pendingMigrations, type SchemaVersion } from '../migrate.ts';
import { makePrivateFolder } from '../private-folder.ts';
import { ForeignData } from '../store-errors.ts';
import { failureInWork, isForeign, messageOf } from './failure.ts';
import { MIGRATIONS } from './migrations/index.ts';

/** "Prly" in the file's header, so that `file` and we can tell whose database it is. */
const APPLICATION_ID = 0x50726c79;

/** How long a statement waits for another process that holds the lock (a backup, a shell), in milliseconds. */
export const BUSY_MS = 5_000;

/** After a checkpoint the write-ahead log is cut back to this many bytes. */
const WAL_KEPT_BYTES = 16 * 1_024 * 1_024;

/**
 * Opens the file for writing, makes it when missing (readable by its owner only), and brings its schema up to date.
 * @throws {ForeignData} when it is no Parley database
 * @throws {NewerSchema} when a newer release has written it
 * @throws {StoreBroken | StoreUnavailable} when it is damaged; when the disk is full, or the file may not be written
 */
export function openForWriting(file: string, migrations: readonly Migration[] = MIGRATIONS): DatabaseSync {
  makePrivateFolder(dirname(file));
  makeFile(file);
  const db = new DatabaseSync(file, { timeout: BUSY_MS });
  try {
    assertOurs(db, file);
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;
      PRAGMA wal_autocheckpoint = 2000; PRAGMA journal_size_limit = ${WAL_KEPT_BYTES}`);
    migrate(db, migrations);
    return db;
  } catch (error) {
    db.close();
    throw failureInWork(error);
  }
}

/** For its owner only. @throws {ForeignData} when there is something in its place, or it may not be written */
function makeFile(file: string): void {
  try {
    closeSync(openSync(file, 'a', 0o600));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EIO') throw new StoreUnavailable(message, { cause: error });
    throw new ForeignData(`${file} cannot be used: ${message}`, { cause: error });
  }
}

/** Opens the file for reading, after a writer has opened it. */
export function openForReading(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { readOnly: true, timeout: BUSY_MS });
  db.exec('PRAGMA cache_size = -32768');
  return db;
}

function assertOurs(db: DatabaseSync, file: string): void {
  try {
    const id = db.prepare('PRAGMA application_id').get()?.['application_id'];
    if (id === APPLICATION_ID) return;
    const tables = db.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'];
    if (id === 0 && tables === 0) return;
  } catch (error) {
    if (!isForeign(error)) throw error;
    throw new ForeignData(`${file} is not a Parley database, or is damaged: ${messageOf(error)}`, { cause: error });
  }
  throw new ForeignData(`${file} is a database of another program`);
}

/** Each migration is one transaction, so a process killed in the middle leaves the version before it. */
function migrate(db: DatabaseSync, migrations: readonly Migration[]): void {
  for (const migration of pendingMigrations(schemaVersion(db), migrations)) {
    db.exec('BEGIN IMMEDIATE');
    try {
      // Another process may have been faster while this one waited for the lock.
      if ((schemaVersion(db)?.version ?? 0) < migration.version) apply(db, migration);
      db.exec('COMMIT');
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  }
}

function apply(db: DatabaseSync, { sql, version, minReader, minWriter }: Migration): void {
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  db.exec(sql);
  db.prepare('INSERT OR REPLACE INTO schema (one, version, min_reader, min_writer) VALUES (1, ?, ?, ?)').run(
    version,
    minReader,
    minWriter,
  );
}

function schemaVersion(db: DatabaseSync): SchemaVersion | undefined {
  if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'schema'").get() === undefined) return undefined;
  const row = db.prepare('SELECT version, min_reader, min_writer FROM schema').get();
  if (row === undefined) return undefined;
  return {
    version: Number(row['version']),
    minReader: Number(row['min_reader']),
    minWriter: Number(row['min_writer']),
  };
}
