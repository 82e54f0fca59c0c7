import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Target, targetOf } from './child.ts';
import { PROFILES, SERVER } from './places.ts';

/** How to start a server for a bench. */
export interface ParleyOptions {
  /** Its database file; made when missing. */
  readonly database: string;
  /** The program, when it is not parleyd itself. */
  readonly program?: string;
  /** More settings, as environment variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether a CPU profile is written into ./data/bench/profiles when it stops. */
  readonly profile?: boolean;
}

/** No pacing, no rate limits, nothing of the caller's environment that would change a figure. */
export const BENCH_SETTINGS = {
  PARLEY_LOG_LEVEL: 'error',
  PARLEY_CLASSIC_PACE_MS: '0',
  PARLEY_REQUESTS_PER_SECOND: '1000000',
  PARLEY_REQUEST_BURST: '1000000',
  PARLEY_HASH_QUEUE: '10000',
};
/** As `npm start` and parleyd have it. */
const FLAGS = ['--max-semi-space-size=16'];
const START_MS = 30_000;

/** Starts a server on a free port and waits until it takes connections. */
export async function startParleyChild({
  database,
  env = {},
  profile = false,
  program = SERVER,
}: ParleyOptions): Promise<Target> {
  const port = await freePort();
  if (profile) mkdirSync(PROFILES, { recursive: true });
  const profiling = profile ? ['--cpu-prof', `--cpu-prof-dir=${PROFILES}`, '--perf-basic-prof'] : [];
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('PARLEY_'));
  const child = spawn(process.execPath, [...FLAGS, ...profiling, '--conditions=@parley/source', program], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...Object.fromEntries(others),
      ...BENCH_SETTINGS,
      PARLEY_STORE: `sqlite:${path.resolve(database)}`,
      PARLEY_LISTEN: `127.0.0.1:${port}`,
      PARLEY_HTTP: 'off',
      ...env,
    },
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  await untilListening(port, child);
  return targetOf(child, port);
}

async function untilListening(port: number, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`parleyd ended with ${child.exitCode} before it listened`);
    if (await accepts(port)) return;
    await sleep(25);
  }
  child.kill('SIGKILL');
  throw new Error(`parleyd did not listen on ${port} within ${START_MS} ms`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
