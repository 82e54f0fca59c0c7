import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { UserId } from '@parley/protocol';
import { client, join, KeptLog, realRedis, until } from './real-redis.ts';

const ONLINE_NODE = fileURLToPath(new URL('./fixtures/online-node.ts', import.meta.url));
const [ANN, BEN] = [1 as UserId, 2 as UserId];

function node(t: TestContext, url: string) {
  const log = new KeptLog();
  const redis = join(t, url, { log });
  const told: [UserId, boolean][] = [];
  redis.whereabouts.listen((user, isElsewhere) => told.push([user, isElsewhere]));
  return { ...redis, told, log };
}

type Node = ReturnType<typeof node>;

async function untilSeen(by: Node, user: UserId): Promise<void> {
  await until(() => by.whereabouts.isElsewhere(user), `user ${user} is elsewhere`);
}

async function untilGone(by: Node, user: UserId): Promise<void> {
  await until(() => !by.whereabouts.isElsewhere(user), `user ${user} is gone`, 12_000);
}

test('[PRES-1] who is on one node is elsewhere for the others, those of before too', async (t) => {
  const redis = await realRedis(t);
  if (redis === undefined) return;
  const one = node(t, redis.url);
  one.whereabouts.announce(ANN, true);
  await until(() => one.bus.isUp, 'one is up');
  const two = node(t, redis.url);
  await untilSeen(two, ANN);
  one.whereabouts.announce(BEN, true);
  one.whereabouts.announce(ANN, false);
  await untilGone(two, ANN);
  await untilSeen(two, BEN);
  assert.deepEqual(two.told.slice(0, 1), [[ANN, true]]);
  assert.equal(two.told.length, 3);
  assert.deepEqual(one.told, [], 'nobody is elsewhere for the first');
});

test('[PRES-1] thousands of users are known to a node that comes later', async (t) => {
  const redis = await realRedis(t);
  if (redis === undefined) return;
  const one = node(t, redis.url);
  for (let user = 1; user <= 5_000; user += 1) one.whereabouts.announce(user as UserId, true);
  const two = node(t, redis.url);
  await until(() => two.told.length === 5_000, 'all are known');
  for (let user = 1; user <= 5_000; user += 2) one.whereabouts.announce(user as UserId, false);
  await until(() => two.told.length === 7_500, 'all changes are known');
  assert.equal(two.whereabouts.isElsewhere(2 as UserId), true);
  assert.equal(two.whereabouts.isElsewhere(1 as UserId), false);
});

test('[PRES-1] a node that is killed takes its users offline within 10 s, once', async (t) => {
  const redis = await realRedis(t);
  if (redis === undefined) return;
  const one = node(t, redis.url);
  const killed = fork(ONLINE_NODE, [redis.url, `${ANN}`]);
  t.after(() => killed.kill('SIGKILL'));
  await untilSeen(one, ANN);
  const sinceMs = performance.now();
  killed.kill('SIGKILL');
  await untilGone(one, ANN);
  const ms = Math.round(performance.now() - sinceMs);
  t.diagnostic(`offline after ${ms} ms`);
  assert.ok(ms < 10_000, `${ms} ms`);
  assert.deepEqual(one.told, [
    [ANN, true],
    [ANN, false],
  ]);
});

test('[PRES-1] a node that leaves in order gives its lease back', async (t) => {
  const redis = await realRedis(t);
  if (redis === undefined) return;
  const [one, two] = [node(t, redis.url), node(t, redis.url)];
  one.whereabouts.announce(ANN, true);
  await untilSeen(two, ANN);
  await one.close();
  const other = await client(t, redis.url);
  assert.equal(((await other.sendCommand(['HKEYS', 'parley:{test}:leases'])) as string[]).length, 1);
  await untilGone(two, ANN);
});

test('[PRES-1] nobody comes or goes because Redis was away and came back empty', async (t) => {
  const redis = await realRedis(t);
  if (redis === undefined) return;
  const [one, two] = [node(t, redis.url), node(t, redis.url)];
  one.whereabouts.announce(ANN, true);
  await untilSeen(two, ANN);
  await redis.kill();
  await until(() => !one.bus.isUp && !two.bus.isUp, 'both notice');
  one.whereabouts.announce(BEN, true);
  await redis.restart();
  await untilSeen(two, BEN);
  assert.deepEqual(two.told, [
    [ANN, true],
    [BEN, true],
  ]);
});

test('[PRES-1] nobody comes or goes because Redis stood still for longer than leases live', async (t) => {
  const redis = await realRedis(t);
  if (redis === undefined) return;
  const [one, two] = [node(t, redis.url), node(t, redis.url)];
  one.whereabouts.announce(ANN, true);
  await untilSeen(two, ANN);
  redis.freeze();
  await until(() => !one.bus.isUp && !two.bus.isUp, 'both notice');
  await sleep(4_000); // that long a lease lives
  redis.thaw();
  await until(() => two.bus.isUp, 'two is up');
  const other = await client(t, redis.url);
  let leases = 0;
  while (leases < 2) leases = ((await other.sendCommand(['HKEYS', 'parley:{test}:leases'])) as string[]).length;
  await sleep(10_000); // longer than anybody who has no lease is waited for
  assert.deepEqual(two.told, [[ANN, true]]);
});

test('[PRES-1] a Redis that forgot everything without ending a connection is told again', async (t) => {
  const redis = await realRedis(t);
  if (redis === undefined) return;
  const [one, two] = [node(t, redis.url), node(t, redis.url)];
  one.whereabouts.announce(ANN, true);
  await untilSeen(two, ANN);
  const other = await client(t, redis.url);
  await other.sendCommand(['FLUSHALL']);
  const three = node(t, redis.url);
  await untilSeen(three, ANN);
  assert.deepEqual(two.told, [[ANN, true]]);
});

test('[PRES-1] a Redis that keeps nothing more still carries messages, and presence heals', async (t) => {
  const redis = await realRedis(t);
  if (redis === undefined) return;
  const [one, two] = [node(t, redis.url), node(t, redis.url)];
  one.whereabouts.announce(ANN, true);
  await untilSeen(two, ANN);
  const other = await client(t, redis.url);
  await other.sendCommand(['CONFIG', 'SET', 'maxmemory', '1']);
  one.whereabouts.announce(BEN, true);
  await until(() => one.log.lines.length > 0, 'the log says why');
  assert.match(one.log.lines[0] ?? '', /refuses to keep who is online: .*OOM/);
  assert.equal(one.bus.isUp, true);
  await other.sendCommand(['CONFIG', 'SET', 'maxmemory', '0']);
  await untilSeen(two, BEN);
  assert.deepEqual(two.told, [
    [ANN, true],
    [BEN, true],
  ]);
});

test('[PRES-1] leases of another time and keys of another kind hold nobody (C33)', async (t) => {
  const redis = await realRedis(t);
  if (redis === undefined) return;
  const other = await client(t, redis.url);
  await other.sendCommand(['SET', 'parley:{test}:leases', 'of another kind']);
  const [one, two] = [node(t, redis.url), node(t, redis.url)];
  one.whereabouts.announce(ANN, true);
  await untilSeen(two, ANN);
  // As when the clock of Redis was put back after a node had died.
  await other.sendCommand(['SADD', 'parley:{test}:users:dead', `${BEN}`]);
  await other.sendCommand(['HSET', 'parley:{test}:leases', 'dead', `${Date.now() + 3_600_000} 1`]);
  await sleep(3_000); // each node has looked twice at least
  assert.deepEqual(await other.sendCommand(['HEXISTS', 'parley:{test}:leases', 'dead']), 0);
  await untilGone(two, BEN);
  assert.equal(two.whereabouts.isElsewhere(ANN), true);
});

test('[PRES-1] garbage about presence changes nothing', async (t) => {
  const redis = await realRedis(t);
  if (redis === undefined) return;
  const [one, two] = [node(t, redis.url), node(t, redis.url)];
  one.whereabouts.announce(ANN, true);
  await untilSeen(two, ANN);
  const other = await client(t, redis.url);
  await other.sendCommand(['HSET', 'parley:{test}:leases', 'x', 'garbage']);
  for (const garbage of ['', '1', '1[]', '1["x",1,[2],[3]]', '1["x",-1,[],[]]', '2["x",1,[2],[]]']) {
    await other.sendCommand(['SPUBLISH', 'parley:{test}:presence', garbage]);
  }
  one.whereabouts.announce(BEN, true);
  await untilSeen(two, BEN);
  await sleep(300); // what an unknown node says has made it look for leases
  assert.deepEqual(two.told, [
    [ANN, true],
    [BEN, true],
  ]);
});
