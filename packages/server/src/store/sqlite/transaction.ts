import type { DatabaseSync } from 'node:sqlite';
import { failureAtEnd, failureInWork, failureOfRead } from './failure.ts';
import { prepare } from './statement.ts';

/** What takes part in every write transaction beside its own work. */
export interface WriteHooks {
  /** Runs just before COMMIT, inside the transaction. */
  finish(): void;
  /**
   * What memory holds may be wrong: at the start, after a rollback, and when another process has written to the
   * file. Runs at the beginning of the next transaction.
   */
  forget(): void;
  /** Runs just before COMMIT; tests and benches use it to make commits slow. */
  beforeCommit?(): void;
}

/** Runs work in one transaction: all of it is stored, durably, when this returns; nothing when it throws. */
export type Write = <T>(work: () => T) => T;

/** @throws {StoreUnavailable | StoreBroken} by the rules of failure.ts; what `work` throws passes */
export function createWrite(db: DatabaseSync, hooks: WriteHooks): Write {
  const begin = prepare(db, 'BEGIN IMMEDIATE');
  const commit = prepare(db, 'COMMIT');
  const rollback = prepare(db, 'ROLLBACK');
  // Changes when another connection commits; ours never does that by itself.
  const dataVersion = prepare<{ data_version: number }>(db, 'PRAGMA data_version');
  let trusted: number | undefined;

  function rollBack(): void {
    try {
      // A full disk may have rolled back already.
      if (db.isTransaction) rollback.run();
    } catch (error) {
      throw failureAtEnd(error);
    }
    trusted = undefined;
  }

  function work<T>(action: () => T): T {
    try {
      const version = dataVersion.get()?.data_version;
      if (version !== trusted) {
        hooks.forget();
        trusted = version;
      }
      const result = action();
      hooks.finish();
      hooks.beforeCommit?.();
      return result;
    } catch (error) {
      rollBack();
      throw failureInWork(error);
    }
  }

  return function write(action) {
    try {
      begin.run();
    } catch (error) {
      throw failureInWork(error);
    }
    const result = work(action);
    try {
      commit.run();
    } catch (error) {
      const failure = failureAtEnd(error);
      rollBack();
      throw failure;
    }
    return result;
  };
}

/** Runs reads in one snapshot. */
export type Read = <T>(work: () => T) => T;

/** @throws {StoreUnavailable} when the file cannot be read */
export function createRead(db: DatabaseSync): Read {
  const begin = prepare(db, 'BEGIN');
  const commit = prepare(db, 'COMMIT');
  return function read(work) {
    try {
      begin.run();
      return work();
    } catch (error) {
      throw failureOfRead(error);
    } finally {
      if (db.isTransaction) commit.run();
    }
  };
}
