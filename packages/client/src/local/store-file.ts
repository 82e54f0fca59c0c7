import { chmodSync, closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makePrivateFolder } from './private-folder.ts';

/** Where a profile keeps what was said and what is to be said, and whose it is. */
export interface StoreFile {
  /** `store.db`. */
  readonly file: string;
  /** The account and its server; what waits for one account is never sent by another. */
  readonly account: string;
}

/** The file cannot be used: it is another account's, or a newer release's. */
export class StoreFileError extends Error {
  override readonly name = 'StoreFileError';
}

const BUSY_MS = 5_000;

/** The disk is full, or does not do what it should: what SQLite throws, and no mistake of ours. */
export function isDiskTrouble(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'ERR_SQLITE_ERROR';
}

/** What each version adds to the one before; `user_version` counts them. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE outbox (
     position INTEGER PRIMARY KEY AUTOINCREMENT,
     client_id TEXT NOT NULL UNIQUE,
     recipient TEXT NOT NULL,
     text TEXT NOT NULL,
     created_ms INTEGER NOT NULL,
     state TEXT NOT NULL DEFAULT 'waiting',
     wired INTEGER NOT NULL DEFAULT 0,
     confirmed INTEGER NOT NULL DEFAULT 0,
     outcome TEXT
   ) STRICT;
   CREATE TABLE entry (
     conversation TEXT NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL,
     PRIMARY KEY (conversation, seq)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE cursor (conversation TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
   CREATE TABLE state_row (key TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;`,
  `CREATE TABLE draft (conversation TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;`,
];

/**
 * Opens the file for its owner only, makes or migrates it when needed. Several processes may use it at once
 * (SQLite, WAL, synchronous=FULL). Another account's copy is forgotten, unless messages wait in its outbox.
 * @throws StoreFileError, and what node:sqlite and node:fs throw
 */
export function openStoreFile({ file, account }: StoreFile): DatabaseSync {
  makePrivateFolder(path.dirname(file));
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
  const db = new DatabaseSync(file, { timeout: BUSY_MS });
  try {
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    transact(db, () => {
      migrate(db, file);
      claim(db, account, file);
    });
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Runs work in one transaction: all of it is stored when this returns, nothing when it throws. */
export function transact<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

function migrate(db: DatabaseSync, file: string): void {
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number };
  if (version > MIGRATIONS.length) {
    throw new StoreFileError(`${file} is of a newer release (version ${version}, this one knows ${MIGRATIONS.length})`);
  }
  for (const sql of MIGRATIONS.slice(version)) db.exec(sql);
  if (version < MIGRATIONS.length) db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
}

function claim(db: DatabaseSync, account: string, file: string): void {
  const owner = (db.prepare(`SELECT value FROM meta WHERE key = 'account'`).get() as { value: string } | undefined)
    ?.value;
  if (owner === account) return;
  if (owner !== undefined) {
    const waits = db.prepare(`SELECT 1 FROM outbox WHERE state <> 'sent' LIMIT 1`).get() !== undefined;
    if (waits) throw new StoreFileError(`${file} holds messages that ${owner} has not sent`);
    db.exec(
      'DELETE FROM outbox; DELETE FROM entry; DELETE FROM cursor; DELETE FROM state_row; DELETE FROM draft; DELETE FROM meta',
    );
  }
  db.prepare(`INSERT INTO meta (key, value) VALUES ('account', ?)`).run(account);
}
