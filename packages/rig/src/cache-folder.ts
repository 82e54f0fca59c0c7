import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

/** Where what is dear to get is kept, outside every clone: $PARLEY_CACHE, or a folder in the user's cache. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const { PARLEY_CACHE: own, XDG_CACHE_HOME: users = path.join(homedir(), '.cache') } = env;
  return own ? path.resolve(own) : path.join(users, 'parley');
}

/**
 * Makes a folder unless it is there. Whole or not at all: it is made beside its place and renamed, and what a killed maker
 * left is removed. Of several processes one makes it; the others wait.
 *
 * @param folder where it shall be
 * @param make fills the folder whose name it is handed, which exists
 */
export async function makeOnce(folder: string, make: (unfinished: string) => Promise<void>): Promise<string> {
  if (existsSync(folder)) return folder;
  await mkdir(path.dirname(folder), { recursive: true });
  await using _ = await lock(`${folder}.lock`);
  if (existsSync(folder)) return folder;
  await removeUnfinished(folder);
  const unfinished = `${folder}.making-${process.pid}`;
  await mkdir(unfinished);
  try {
    await make(unfinished);
    await rename(unfinished, folder);
    return folder;
  } catch (error) {
    await removeUnfinished(folder);
    throw error;
  }
}

/** Whoever began these is gone, for the lock is ours; what a helper of theirs still writes to is left for the next time. */
async function removeUnfinished(folder: string): Promise<void> {
  const parent = path.dirname(folder);
  const left = (await readdir(parent)).filter((name) => name.startsWith(`${path.basename(folder)}.making-`));
  await Promise.allSettled(left.map((name) => rm(path.join(parent, name), { recursive: true, force: true })));
}

/**
 * The system lets the lock go when this process ends, however it ends: `cat` sees the end of its input then. Where there
 * is no flock (macOS) nobody waits, and the first who is ready wins the rename.
 */
async function lock(file: string): Promise<AsyncDisposable> {
  const holder = spawn('flock', [file, 'sh', '-c', 'echo; exec cat'], { stdio: ['pipe', 'pipe', 2] });
  const ended = new Promise<void>((resolve) => {
    holder.once('error', () => resolve());
    holder.once('close', () => resolve());
  });
  const taken = new Promise<void>((resolve) => holder.stdout?.once('data', () => resolve()));
  await Promise.race([taken, ended]);
  return {
    async [Symbol.asyncDispose]() {
      holder.stdin?.end();
      await ended;
    },
  };
}
