import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { freePort } from '../../../rig/src/probe.ts';
import { hollowHistory } from './hollow-history.ts';
import { objects, World, waitFor } from './world.ts';

const WITHOUT_VERIFY = { NODE_OPTIONS: `--import=${path.join(import.meta.dirname, 'without-verify.ts')}` };

test('[CLI-1] parley verify tries a Parley that runs, tells what it finds, and ends with 0', async (t) => {
  const world = await World.open(t);
  const args = ['verify', '--at', world.server, '--seconds', '1', '--users', '4', '--faults', 'none'];
  const ran = await world.run(args);
  assert.equal(ran.exit, 0, ran.stdout + ran.stderr);
  assert.match(ran.stdout, /✔ every rule holds, as far as nodes show it \(--seed \d+\)/);
  assert.match(ran.stderr, /^4 people meet/m);
});

test('[CLI-1] parley verify ends with 2 for what has no meaning, with 69 when it cannot be tried, with 1 when it is no proof', async (t) => {
  const world = World.openAt(t, '127.0.0.1:1');
  const nobody = `127.0.0.1:${await freePort()}`;
  const cases = [
    [2, /--seconds is a whole number/, '--seconds', 'x'],
    [2, /Unknown option '--secnds'/, '--secnds', '1'],
    [2, /now means nothing here/, 'now'],
    [69, /nobody answers on 127\.0\.0\.1/, '--at', nobody],
    [2, /--seed is for a new one/, '--history', '/dev/null', '--seed', '1'],
    [69, /cannot be judged/, '--history', '/nonexistent'],
    [69, /cannot be judged/, '--history', '/dev/null'],
  ] as const;
  for (const [exit, message, ...args] of cases) {
    const ran = await world.run(['verify', ...args]);
    assert.equal(ran.exit, exit, ran.stderr);
    assert.match(ran.stderr, message);
  }
  assert.equal((await world.run(['verify', '--history', hollowHistory(world.folder)])).exit, 1);
});

test('[CLI-1] without the package parley verify says so in one sentence, and all else is as ever', async (t) => {
  const world = World.openAt(t, '127.0.0.1:1');
  const ran = await world.run(['verify', '--json'], { env: WITHOUT_VERIFY });
  assert.equal(ran.exit, 69);
  const [error] = objects(ran.stderr);
  assert.deepEqual(
    [error?.['code'], error?.['message']],
    ['no_verify', 'parley verify needs the package @parley/verify, which is not installed here.'],
  );
  const help = await world.run(['help', 'verify'], { env: WITHOUT_VERIFY });
  assert.equal(help.exit, 0);
  assert.match(help.stdout, /--at-once N/);
});

test('[CLI-1] Ctrl-C while people talk puts everything back, however long that takes, and ends with 130', async (t) => {
  const world = await World.open(t);
  const running = world.start(['verify', '--at', world.server, '--seconds', '600', '--users', '4']);
  await waitFor(() => running.stderr().includes('people meet'), running.stderr);
  running.child.kill('SIGINT');
  const { exit, stderr } = await running.ended;
  assert.equal(exit, 130, stderr);
  assert.match(stderr, /everything was put back/);
});
