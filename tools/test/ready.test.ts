import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readlinkSync, rmSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { FakeClone } from './clone.ts';

const ASKED = 'ci --include=dev --include=optional --loglevel=error --no-fund --no-audit\n';

function installedClone(t: TestContext): FakeClone {
  const clone = new FakeClone(t);
  clone.install();
  return clone;
}

test('when all is well it prints nothing and does nothing', async (t) => {
  const clone = installedClone(t);
  assert.deepEqual(await clone.run(t), { code: 0, stdout: '', stderr: '' });
  assert.equal(existsSync(clone.path('npm.log')), false);
});

const DAMAGES: Record<string, (clone: FakeClone) => void> = {
  'nothing is installed yet': (clone) => rmSync(clone.path('node_modules'), { recursive: true }),
  'node_modules/needed has lost its files': (clone) => rmSync(clone.path('node_modules/needed'), { recursive: true }),
  'node_modules/for-here is not installed': (clone) =>
    clone.write(
      'node_modules/.package-lock.json',
      clone.read('node_modules/.package-lock.json').replace('for-h', 'x-h'),
    ),
  'node_modules/needed is not the version of package-lock.json': (clone) =>
    clone.write(
      'node_modules/.package-lock.json',
      clone.read('node_modules/.package-lock.json').replace('2.0.0', '1.9.0'),
    ),
};

for (const [reason, damage] of Object.entries(DAMAGES)) {
  test(`${reason}: says so and installs, on stderr alone`, async (t) => {
    const clone = installedClone(t);
    damage(clone);
    const { code, stdout, stderr } = await clone.run(t);
    assert.equal(code, 0, stderr);
    assert.equal(clone.read('npm.log'), ASKED);
    assert.equal(stdout, '');
    assert.ok(stderr.startsWith(`parley: ${reason}; installing`), stderr);
    assert.match(stderr, /npm speaks/);
    assert.deepEqual(await clone.run(t), { code: 0, stdout: '', stderr: '' });
  });
}

test('a note that was cut off counts as nothing installed', async (t) => {
  const clone = installedClone(t);
  clone.write('node_modules/.package-lock.json', '{"packages": {"node_mod');
  assert.match((await clone.run(t)).stderr, /nothing is installed yet/);
});

test('when npm fails, its exit code is ours', async (t) => {
  const clone = new FakeClone(t);
  const { code, stderr } = await clone.run(t, { NPM_EXIT: '3' });
  assert.equal(code, 3);
  assert.match(stderr, /installation failed/);
});

test('of several at once one installs', async (t) => {
  const clone = new FakeClone(t);
  const runs = await Promise.all([1, 2, 3].map(() => clone.run(t, { SLOW_NPM: '600' })));
  assert.deepEqual(
    runs.map((run) => run.code),
    [0, 0, 0],
  );
  assert.equal(clone.read('npm.log'), ASKED);
  assert.equal(runs.filter((run) => /installing what/.test(run.stderr)).length, 1);
});

test('a process that died does not keep the lock', async (t) => {
  const clone = new FakeClone(t);
  clone.write('.ready-lock/4', `${process.pid} 1\n999999999 5\n`); // this process, but started at another time; and none
  assert.equal((await clone.run(t)).code, 0);
  assert.equal(clone.read('npm.log'), ASKED);
});

test('SIGTERM ends an installation, npm too', async (t) => {
  const clone = new FakeClone(t);
  const run = clone.start(t, { SLOW_NPM: '60000' });
  while (!existsSync(clone.path('npm.log'))) await once(run.child.stderr, 'data');
  run.child.kill('SIGTERM');
  assert.deepEqual(await run.ended, [143, null]);
  assert.match(await run.stderr, /ended by SIGTERM/); // stderr closes when npm, which holds it too, is gone
});

test('when a killed start leaves its npm behind, the next start waits for that npm', async (t) => {
  const clone = new FakeClone(t);
  const first = clone.start(t, { SLOW_NPM: '2500' });
  while (!existsSync(clone.path('npm.log'))) await once(first.child.stderr, 'data');
  first.child.kill('SIGKILL');
  const second = await clone.run(t);
  assert.equal(second.code, 0);
  assert.match(second.stderr, /waiting for it/);
  assert.equal(clone.read('npm.log'), ASKED);
});

test('a lost link to Node is mended without an installation', async (t) => {
  const clone = installedClone(t);
  rmSync(clone.path('node_modules/.bin/node'));
  assert.deepEqual(await clone.run(t), { code: 0, stdout: '', stderr: '' });
  assert.equal(readlinkSync(clone.path('node_modules/.bin/node')), process.execPath);
});
