import { createHash } from 'node:crypto';
import { constants, copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { startParleyChild } from '../parley-child.ts';
import { RUNS, WORLDS } from '../places.ts';
import { fillDatabase } from './fill-database.ts';
import type { WorldSize } from './world.ts';

/** Raise when the filling changes, so that kept databases are not used any more. */
const FILL_VERSION = 1;

/** A folder with a database of its own, removed with `using`. */
export interface WorldCopy extends Disposable {
  readonly database: string;
}

/**
 * Makes a copy of a filled database to run on. The first use of a size fills it (10 s for a million messages) and
 * keeps it, by the server's schema and the size, under ./data/bench/worlds.
 */
export async function copyWorld(size: WorldSize): Promise<WorldCopy> {
  mkdirSync(RUNS, { recursive: true });
  const folder = mkdtempSync(path.join(RUNS, 'run-'));
  const database = path.join(folder, 'parley.db');
  await makeEmpty(database);
  const kept = path.join(WORLDS, `${nameOf(database, size)}.db`);
  if (!existsSync(kept)) {
    fillDatabase(database, size);
    mkdirSync(WORLDS, { recursive: true });
    copyFileSync(database, `${kept}.new`, constants.COPYFILE_FICLONE);
    renameSync(`${kept}.new`, kept);
  }
  for (const file of [database, `${database}-wal`, `${database}-shm`]) rmSync(file, { force: true });
  copyFileSync(kept, database, constants.COPYFILE_FICLONE);
  return { database, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Has the server itself make its schema. */
async function makeEmpty(database: string): Promise<void> {
  await using _server = await startParleyChild({ database });
}

function nameOf(database: string, { messages, conversations, users }: WorldSize): string {
  const db = new DatabaseSync(database);
  try {
    const schema = db.prepare('SELECT sql FROM sqlite_schema ORDER BY name').all();
    const hash = createHash('sha256')
      .update(JSON.stringify([FILL_VERSION, schema]))
      .digest('hex')
      .slice(0, 12);
    return `${messages}-in-${conversations}-of-${users}-${hash}`;
  } finally {
    db.close();
  }
}
