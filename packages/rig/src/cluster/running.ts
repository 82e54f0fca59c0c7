import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../run.ts';

/** What a running cluster leaves in its folder, so that others find it. */
export interface Running {
  readonly pid: number;
  /** How to connect; missing until all of it is ready. */
  readonly message?: string;
}

const STOP_MS = 90_000;
const BETWEEN_LOOKS_MS = 50;

/** The cluster that runs on a folder, if one does. */
export async function findRunning(folder: string): Promise<Running | undefined> {
  const file = fileIn(folder);
  if (!existsSync(file)) return undefined;
  const running = read(file);
  return running !== undefined && (await isCluster(running.pid)) ? running : undefined;
}

/** Lets others know of it; called again when there is more to tell. */
export async function noteRunning(folder: string, running: Running): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(fileIn(folder), JSON.stringify(running), { mode: 0o600 });
}

/** To be called at the end, when all of it is down. */
export async function forgetRunning(folder: string): Promise<void> {
  await rm(fileIn(folder), { force: true });
}

/**
 * Ends the cluster that runs on a folder, and waits for its end.
 * @returns false when none runs
 * @throws Error when it still runs after a minute and a half
 */
export async function stopRunning(folder: string): Promise<boolean> {
  const running = await findRunning(folder);
  if (running === undefined) return false;
  process.kill(running.pid, 'SIGTERM');
  const deadline = Date.now() + STOP_MS;
  while (await isCluster(running.pid)) {
    if (Date.now() > deadline) throw new Error(`the cluster (process ${running.pid}) does not end`);
    await sleep(BETWEEN_LOOKS_MS);
  }
  return true;
}

function fileIn(folder: string): string {
  return path.join(folder, 'running.json');
}

/** Half a file: somebody is writing it. */
function read(file: string): Running | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Running;
  } catch {
    return undefined;
  }
}

/** The number may belong to another program by now. */
async function isCluster(pid: number): Promise<boolean> {
  const { code, said } = existsSync('/proc/self/cmdline')
    ? { code: 0, said: commandLine(pid) }
    : await run(['ps', '-o', 'command=', '-p', String(pid)]);
  return code === 0 && /cluster\/main\.[jt]s/.test(said);
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
