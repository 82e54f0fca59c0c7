// `npm run cluster`: see HELP in options.ts. Ends with 0; with 2 when the command line is wrong, with 69 when a part cannot
// be had or does not start, with 78 when a cluster runs on the same data.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, startCluster } from './cluster.ts';
import { clusterMessage, stopCommand } from './message.ts';
import { type ClusterCommand, HELP, readCommand } from './options.ts';
import { findRunning, forgetRunning, noteRunning, stopRunning } from './running.ts';
import { wipe } from './wipe.ts';

const EXIT = { usage: 2, unavailable: 69, config: 78 } as const;
/** Set for the process in the background. */
const DETACHED = 'PARLEY_CLUSTER_DETACHED';
const BETWEEN_LOOKS_MS = 50;

// Whoever reads our output may go first, as in `npm run cluster | tee log`; the servers are to be stopped all the same.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  let command: ClusterCommand;
  try {
    command = readCommand(argv);
  } catch (error) {
    return fail(EXIT.usage, error);
  }
  if (command.verb === 'help') return say(HELP);
  if (command.verb === 'stop') return stop(command);
  const running = await findRunning(command.folder);
  if (running !== undefined) {
    return fail(
      EXIT.config,
      `a cluster runs on ${command.folder} (process ${running.pid}): ${stopCommand(command.folder)}`,
    );
  }
  return command.verb === 'detach' ? detach(command) : serve(command);
}

async function stop({ folder }: ClusterCommand): Promise<number> {
  return say((await stopRunning(folder)) ? 'stopped\n' : `no cluster runs on ${folder}\n`);
}

/** Runs one until it is told to end. */
async function serve(command: ClusterCommand): Promise<number> {
  const { folder } = command;
  const isDetached = process.env[DETACHED] === 'true';
  const asked = stopSignal();
  try {
    if (command.fresh) await wipe(folder);
    await noteRunning(folder, { pid: process.pid });
    await using cluster = await start(command);
    const message = clusterMessage(cluster, { folder, isDetached });
    await noteRunning(folder, { pid: process.pid, message });
    say(message);
    for (const server of cluster.servers) server.onEnd(() => asked.aborted || tell(`${server.name} has ended`));
    if (!asked.aborted) await once(asked, 'abort');
    tell('stopping');
  } catch (error) {
    return fail(EXIT.unavailable, error);
  } finally {
    await forgetRunning(folder);
  }
  return 0;
}

/** Ctrl-C reaches us twice, from the terminal and from npm; all after the first mean the same. */
function stopSignal(): AbortSignal {
  const asked = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => asked.abort());
  return asked.signal;
}

async function start({ nodes, nodePort, ...options }: ClusterCommand): Promise<Cluster> {
  const nodePorts = Array.from({ length: nodes }, (_, index) => nodePort + 2 * index);
  return startCluster({ ...options, nodePorts, onProgress: tell });
}

/** Starts one in the background, and waits until it serves. */
async function detach({ folder }: ClusterCommand): Promise<number> {
  await mkdir(path.dirname(folder), { recursive: true });
  const logFile = `${folder}.log`;
  const log = openSync(logFile, 'w', 0o600);
  const args = process.argv.slice(1).filter((arg) => arg !== '--detach');
  const child = spawn(process.execPath, [...process.execArgv, ...args], {
    detached: true,
    env: { ...process.env, [DETACHED]: 'true' },
    stdio: ['ignore', log, log],
  });
  while (child.exitCode === null && child.signalCode === null) {
    const running = await findRunning(folder);
    if (running?.pid === child.pid && running?.message !== undefined) {
      child.unref();
      return say(running.message);
    }
    await sleep(BETWEEN_LOOKS_MS);
  }
  return fail(child.exitCode ?? EXIT.unavailable, `it did not start: see ${logFile}`);
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}

function tell(line: string): void {
  process.stderr.write(`parley: ${line}\n`);
}

function fail(code: number, error: unknown): number {
  tell(error instanceof Error ? error.message : String(error));
  return code;
}
