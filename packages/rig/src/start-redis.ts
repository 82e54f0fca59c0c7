import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { firstBytes, freePort } from './probe.ts';
import { findProgram } from './programs.ts';
import { ServerProcess } from './server-process.ts';

/** Where a server keeps what it writes, and where it listens. */
export interface Place {
  /** For this server alone; made when missing. What an earlier one left is used again. */
  readonly folder: string;
  /** On 127.0.0.1; left out: any that is free. */
  readonly port?: number;
}

/**
 * Starts a private Redis (or Valkey) on 127.0.0.1 with a random password. It writes no data to disk: the bus carries hints.
 * @throws Error when there is none to be had, or it does not start
 */
export async function startRedis({ folder, port }: Place): Promise<ServerProcess> {
  const { command, version } = await findProgram('redis');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const listen = port ?? (await freePort());
  const password = await keepPassword(folder);
  const file = path.join(path.resolve(folder), 'redis.conf');
  await writeFile(file, configuration(listen, password), { mode: 0o600 });
  return ServerProcess.start({
    name: `Redis ${version}`,
    command: [...command, file],
    folder,
    port: listen,
    url: `redis://:${password}@127.0.0.1:${listen}`,
    isReady: async () => (await firstBytes(listen, 'PING\r\n'))?.toString().startsWith('-NOAUTH') === true,
  });
}

/** The random password of a folder: the same at every start. */
export async function keepPassword(folder: string): Promise<string> {
  const file = path.join(folder, 'password');
  if (existsSync(file)) return readFileSync(file, 'utf8');
  const password = randomBytes(16).toString('hex');
  await writeFile(file, password, { mode: 0o600 });
  return password;
}

/** In a file, for other users can read a command line. */
function configuration(port: number, password: string): string {
  return [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    'save ""',
    'appendonly no',
    'daemonize no',
    'dir .',
    '',
  ].join('\n');
}
