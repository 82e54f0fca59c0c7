import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../src/probe.ts';
import { findProgram } from '../../src/programs.ts';
import { started, temporaryFolder } from '../temporary-folder.ts';

const MAIN = path.join(import.meta.dirname, '../../src/cluster/main.ts');
const FAKE = path.join(import.meta.dirname, '../fixtures/fake-node.ts');

interface Command {
  readonly child: ChildProcess;
  /** Everything that it has written. */
  readonly said: () => string;
  /** Its exit code, when it has ended. */
  readonly ended: Promise<number | null>;
}

/** Runs `npm run cluster` with these arguments, but for npm. */
function run(t: TestContext, args: readonly string[]): Command {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => child.kill('SIGTERM'));
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'close').then(() => child.exitCode);
  return { child, said: () => said, ended };
}

async function options(t: TestContext): Promise<string[] | undefined> {
  // Seen here, so that a machine without the programs skips the test instead of failing in the command.
  for (const kind of ['mariadb', 'redis', 'nginx'] as const) {
    const program = await started(t, kind, async () =>
      Object.assign({ [Symbol.asyncDispose]: async () => {} }, await findProgram(kind)),
    );
    if (program === undefined) return undefined;
  }
  // Registered before the folder's removal, and so run before it: stop finds a cluster by its folder.
  t.after(() => run(t, ['stop', '--folder', folder]).ended);
  const folder = path.join(temporaryFolder(t), 'cluster');
  const ports = ['--port', String(await freePort()), '--node-port', String(await freePort())];
  return ['--store', 'mariadb', '--folder', folder, '--program', FAKE, ...ports];
}

test('npm run cluster says how to connect, refuses a second one on its data, and Ctrl-C ends all of it', async (t) => {
  const args = await options(t);
  if (args === undefined) return;
  const first = run(t, args);
  await until(() => first.said().includes('Ctrl-C'), first.said);
  assert.match(first.said(), /the cluster is ready on 127\.0\.0\.1:\d+ \(nginx/);
  const pids = pidsIn(first.said());
  assert.equal(pids.length, 4, first.said());

  const second = run(t, args);
  assert.equal(await second.ended, 78);
  assert.match(
    second.said(),
    new RegExp(
      `a cluster runs on \\S+ \\(process ${first.child.pid}\\): npm run cluster -- stop --folder \\S+/cluster$`,
      'm',
    ),
  );

  first.child.kill('SIGINT');
  first.child.kill('SIGINT');
  assert.equal(await first.ended, 0, first.said());
  assert.deepEqual(pids.filter(isAlive), []);
});

test('npm run cluster ends with 2 when the command line is wrong', async (t) => {
  for (const args of [['--nodes', '0'], ['--bogus'], ['start']]) {
    const command = run(t, args);
    assert.equal(await command.ended, 2, command.said());
    assert.match(command.said(), /^parley: [^\n]*\n$/);
  }
});

test('npm run cluster -- --detach leaves it running, and stop ends it', async (t) => {
  const args = await options(t);
  if (args === undefined) return;
  const start = run(t, [...args, '--detach', '--nodes', '1']);
  assert.equal(await start.ended, 0, start.said());
  assert.match(start.said(), /npm run cluster -- stop --folder \S+\/cluster$/m);
  const pids = pidsIn(start.said());
  assert.deepEqual(pids.filter(isAlive), pids);
  const stop = run(t, ['stop', ...args]);
  assert.equal(await stop.ended, 0, stop.said());
  assert.match(stop.said(), /stopped/);
  assert.deepEqual(pids.filter(isAlive), []);
  const again = run(t, ['stop', ...args]);
  assert.equal(await again.ended, 0);
  assert.match(again.said(), /no cluster runs on/);
});

test('a killed npm run cluster takes its servers with it', { skip: process.platform !== 'linux' }, async (t) => {
  const args = await options(t);
  if (args === undefined) return;
  const command = run(t, args);
  await until(() => command.said().includes('Ctrl-C'), command.said);
  const pids = pidsIn(command.said());
  command.child.kill('SIGKILL');
  await until(
    () => !pids.some(isAlive),
    () => String(pids.filter(isAlive)),
  );
  const next = run(t, [...args, '--fresh']);
  await until(() => next.said().includes('Ctrl-C'), next.said);
  next.child.kill('SIGTERM');
  assert.equal(await next.ended, 0, next.said());
});

function pidsIn(said: string): number[] {
  return Array.from(said.matchAll(/, process (\d+)$/gm), ([, pid]) => Number(pid));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(isTrue: () => boolean, said: () => string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!isTrue()) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${said()}`);
    await sleep(20);
  }
}
