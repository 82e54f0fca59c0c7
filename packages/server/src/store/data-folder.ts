import { accessSync, constants, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makePrivateFolder } from './private-folder.ts';

/** Why a data folder cannot be used. The message is one sentence for the person who starts the server. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
}

/** Files beside the store's own. The lock is a database that stays empty; the pid is there for people only. */
const LOCK_FILE = 'parley.lock';
const PID_FILE = 'parley.pid';

/** SQLITE_BUSY: another connection holds a lock. */
const SQLITE_BUSY = 5;

/** A data folder that is this process's own until it is released, or the process ends in whatever way. */
export interface DataFolder {
  release(): void;
}

/**
 * Makes the folder when missing and takes it for this process. The lock is the operating system's (an exclusive
 * transaction on a small SQLite file), so a kill -9 leaves nothing to clear by hand. [OPS-2]
 * @throws DataFolderError when it is in use, cannot be written to, or is no folder
 */
export function openDataFolder(folder: string): DataFolder {
  makeFolder(folder);
  const lock = takeLock(folder);
  const pidFile = path.join(folder, PID_FILE);
  writeFileSync(pidFile, `${process.pid}\n`);
  return {
    release() {
      rmSync(pidFile, { force: true });
      lock.close();
    },
  };
}

function makeFolder(folder: string): void {
  try {
    makePrivateFolder(folder);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new DataFolderError(explain(error as NodeJS.ErrnoException, folder), { cause: error });
  }
}

function explain({ code, message }: NodeJS.ErrnoException, folder: string): string {
  switch (code) {
    case 'EEXIST':
    case 'ENOTDIR':
      return `the data folder ${folder} cannot be made: there is a file where a folder should be`;
    case 'ENOENT':
      return `the data folder ${folder} cannot be made: its file system takes no folders`;
    case 'EACCES':
    case 'EPERM':
      return `the data folder ${folder} must be readable and writable for this user`;
    case 'EROFS':
      return `the data folder ${folder} is on a read-only file system`;
    default:
      return `the data folder ${folder} cannot be used: ${message}`;
  }
}

function takeLock(folder: string): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(path.join(folder, LOCK_FILE), { timeout: 0 });
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    const isBusy = (error as { errcode?: number }).errcode === SQLITE_BUSY;
    const why = isBusy ? inUse(folder) : `the data folder ${folder} cannot be locked: ${(error as Error).message}`;
    throw new DataFolderError(why, { cause: error });
  }
}

function inUse(folder: string): string {
  return (
    `the data folder ${folder} is in use by ${holder(folder)}; stop that one, ` +
    'or name another file with --store, or run several nodes with `npm run cluster`'
  );
}

function holder(folder: string): string {
  try {
    const pid = Number(readFileSync(path.join(folder, PID_FILE), 'utf8'));
    if (Number.isInteger(pid) && pid > 0) return `parleyd with process id ${pid}`;
  } catch {
    // It has the lock, but has not written its number yet.
  }
  return 'another parleyd';
}
