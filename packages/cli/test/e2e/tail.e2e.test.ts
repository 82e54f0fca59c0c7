import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { objects, World, waitFor } from './world.ts';

const texts = (stdout: string): unknown[] =>
  objects(stdout)
    .filter((object) => object['type'] === 'message')
    .map((object) => object['text']);

test('tail -f follows; --no-self, --count, --since, -n and WHERE choose', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  await world.run(['-p', 'alice', 'group', 'new', 'ops']);
  await world.run(['-p', 'bob', 'group', 'join', 'ops']);
  await world.run(['-p', 'alice', 'send', '#ops', 'before']);
  const all = world.start(['-p', 'bob', 'tail', '-f', '--json', '--count', '4']);
  const ops = world.start(['-p', 'bob', 'tail', '#ops', '-f', '-n', '1', '--json', '--no-self', '--count', '2']);
  for (const running of [all, ops]) await waitFor(() => running.stdout().includes('before'), running.stderr);
  await world.run(['-p', 'alice', 'send', '@bob', 'direct']);
  await world.run(['-p', 'bob', 'send', '#ops', 'mine']);
  await world.run(['-p', 'alice', 'send', '#ops', 'theirs']);
  assert.deepEqual(texts((await all.ended).stdout), ['before', 'direct', 'mine', 'theirs']);
  const ended = await ops.ended;
  assert.deepEqual(texts(ended.stdout), ['before', 'theirs']);
  assert.equal(objects(ended.stdout).at(-1)?.['reason'], 'count');
  const since = await world.run(['-p', 'bob', 'tail', '#ops', '--since', '2', '--json']);
  assert.deepEqual(texts(since.stdout), ['before', 'mine', 'theirs']);
  assert.deepEqual((await world.run(['-p', 'bob', 'tail', '#ops', '-n', '0'])).stdout, '');
});

test('[CLIENT-1] [CLIENT-2] tail -f goes on over a killed server, without a repeat or a hole', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  await world.run(['-p', 'alice', 'send', '@bob', 'm0']);
  const tail = world.start(['-p', 'bob', 'tail', '-f', '--json']);
  await waitFor(() => tail.stdout().includes('m0'), tail.stderr);
  for (let round = 1; round <= 3; round += 1) {
    await world.killServer();
    await world.startServer();
    assert.equal((await world.run(['-p', 'alice', 'send', '@bob', `m${round}`])).exit, 0);
  }
  await waitFor(() => tail.stdout().includes('m3'), tail.stderr);
  tail.child.kill('SIGTERM');
  const { stdout } = await tail.ended;
  assert.deepEqual(texts(stdout), ['m0', 'm1', 'm2', 'm3']);
  const states = objects(stdout).flatMap((object) => (object['type'] === 'conn' ? [object['state']] : []));
  assert.ok(states.includes('waiting') && states.at(-1) === 'online', states.join());
});

test('[CLIENT-2] --cursor goes on where the last run ended', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  const cursor = path.join(world.folder, 'bot.cur');
  const tail = async (...more: string[]): Promise<unknown[]> =>
    texts((await world.run(['-p', 'bob', 'tail', '--json', '--cursor', cursor, ...more])).stdout);
  await world.run(['-p', 'alice', 'send', '@bob', '--lines'], { stdin: 'a\nb\nc\n' });
  assert.deepEqual(await tail('-f', '--count', '2'), ['a', 'b']);
  assert.deepEqual(await tail(), ['c']);
  assert.deepEqual(await tail(), []);
  await world.run(['-p', 'alice', 'send', '@bob', 'd']);
  assert.deepEqual(await tail(), ['d']);
});

test('tail marks nothing as read unless asked', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  await world.run(['-p', 'alice', 'send', '@bob', 'hi']);
  const unread = async (): Promise<unknown> =>
    objects((await world.run(['-p', 'bob', 'ls', '--json'])).stdout)[0]?.['unread'];
  await world.run(['-p', 'bob', 'tail']);
  assert.equal(await unread(), 1);
  await world.run(['-p', 'bob', 'tail', '--mark-read']);
  assert.equal(await unread(), 0);
});
