import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { StoreBroken } from '../store-errors.ts';
import { failureAtEnd } from './failure.ts';
import { BUSY_MS } from './open-database.ts';

export interface WalOptions {
  readonly file: string;
  /** The write-ahead log may grow to this size before readers are waited for, in bytes. */
  readonly walBytes?: number;
}

/** Transactions between two looks at the file's size. */
const EVERY = 64;

const DEFAULT_BYTES = 64 * 1_024 * 1_024;

/** How long readers are waited for, in milliseconds; commits wait as long. */
const PATIENCE_MS = 100;

/**
 * SQLite copies the write-ahead log back every 2,000 pages, but can start it over only in a moment when nobody reads
 * from it. Under steady reading that moment may not come by itself and the file grows without end; then this waits
 * for one. Whoever holds a snapshot for longer (a shell, a backup) is waited for again later.
 * @returns a function to call after each transaction, outside of it
 */
export function createWalLimit(db: DatabaseSync, { file, walBytes = DEFAULT_BYTES }: WalOptions): () => void {
  let count = 0;
  return function limitWal() {
    count += 1;
    if (count % EVERY !== 0 || sizeOf(`${file}-wal`) <= walBytes) return;
    db.exec(`PRAGMA busy_timeout = ${PATIENCE_MS}`);
    try {
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch (error) {
      const failure = failureAtEnd(error);
      if (failure instanceof StoreBroken) throw failure;
    } finally {
      db.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    }
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
