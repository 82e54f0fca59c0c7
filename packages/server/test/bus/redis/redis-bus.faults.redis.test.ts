import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ord, Seq, Tag, UserId } from '@parley/protocol';
import { freePort } from '../../../../rig/src/index.ts';
import type { BusEvent, ConversationId } from '../../../src/chat/ports/index.ts';
import { CERTIFICATE, KEY, trustCertificate } from '../../fixtures/tls.ts';
import { client, join, KeptLog, realRedis, until } from './real-redis.ts';

const ANN = 1 as UserId;
const ABOUT_ANN: BusEvent = { kind: 'users', users: [ANN] };

/** A node that hears of ann. */
function node(t: TestContext, url: string, log = new KeptLog()) {
  const { bus } = join(t, url, { log });
  const state = { heard: [] as BusEvent[], mayHaveMissed: 0 };
  bus.listen({
    heard: (event) => state.heard.push(event),
    mayHaveMissed: () => {
      state.mayHaveMissed += 1;
    },
  });
  bus.subscribe({ kind: 'user', id: ANN });
  return { bus, state, log };
}

type Node = ReturnType<typeof node>;

async function assertCarries(one: Node, two: Node): Promise<void> {
  await until(() => one.bus.isUp && two.bus.isUp && two.state.mayHaveMissed > 0, 'both nodes are up');
  two.state.heard.length = 0;
  one.bus.publish(ABOUT_ANN);
  await until(() => two.state.heard.length > 0, 'the event comes');
  assert.deepEqual(two.state.heard, [ABOUT_ANN]);
}

test('[DELIV-2] a Redis that was killed and comes back empty: everything is subscribed again, and that is said', async (t) => {
  const redis = await realRedis(t);
  if (redis === undefined) return;
  const [one, two] = [node(t, redis.url), node(t, redis.url)];
  await assertCarries(one, two);
  await redis.kill();
  await until(() => !one.bus.isUp && !two.bus.isUp, 'both notice', 3_000);
  two.state.mayHaveMissed = 0;
  one.bus.publish(ABOUT_ANN);
  assert.equal(one.bus.dropped, 1);
  await redis.restart();
  await assertCarries(one, two);
});

test('[DELIV-2] [LIMIT-1] a frozen Redis is noticed within 3 s, fills no memory, and heals', async (t) => {
  const redis = await realRedis(t);
  if (redis === undefined) return;
  const [one, two] = [node(t, redis.url), node(t, redis.url)];
  await assertCarries(one, two);
  redis.freeze();
  const sinceMs = performance.now();
  const before = process.memoryUsage();
  let mostBytes = 0;
  for (let seq = 1; one.bus.isUp || two.bus.isUp || performance.now() - sinceMs < 5_000; seq += 50) {
    // About 100 MB a second, as far as this machine can.
    for (let index = 0; index < 50; index += 1) one.bus.publish(message(seq + index));
    const now = process.memoryUsage();
    mostBytes = Math.max(mostBytes, now.heapUsed + now.external - before.heapUsed - before.external);
    await sleep(4);
    assert.ok(performance.now() - sinceMs < 3_000 || !(one.bus.isUp || two.bus.isUp), 'noticed within 3 s');
  }
  assert.ok(one.bus.dropped > 1_000, `${one.bus.dropped} were dropped`);
  assert.ok(mostBytes < 96 * 1_048_576, `${mostBytes} bytes more than before`);
  redis.thaw();
  two.state.mayHaveMissed = 0;
  await assertCarries(one, two);
});

test('[DELIV-2] a connection that Redis ends is made again', async (t) => {
  const redis = await realRedis(t);
  if (redis === undefined) return;
  const [one, two] = [node(t, redis.url), node(t, redis.url)];
  await assertCarries(one, two);
  two.state.mayHaveMissed = 0;
  const other = await client(t, redis.url);
  await other.sendCommand(['CLIENT', 'KILL', 'TYPE', 'pubsub']);
  await assertCarries(one, two);
});

test('[DELIV-2] a node that Redis cuts off for reading too slowly comes back', async (t) => {
  const redis = await realRedis(t);
  if (redis === undefined) return;
  const [one, two] = [node(t, redis.url), node(t, redis.url)];
  await assertCarries(one, two);
  const other = await client(t, redis.url);
  await other.sendCommand(['CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 32kb 0 0']);
  two.state.mayHaveMissed = 0;
  await other.sendCommand(['SPUBLISH', 'parley:test:u:1', 'x'.repeat(100_000)]);
  await assertCarries(one, two);
  assert.ok(two.log.lines.length > 0, 'the node was cut off');
});

test('[DELIV-2] garbage on a channel is told once, and what nodes say is still heard', async (t) => {
  const redis = await realRedis(t);
  if (redis === undefined) return;
  const [one, two] = [node(t, redis.url), node(t, redis.url)];
  await assertCarries(one, two);
  const other = await client(t, redis.url);
  for (const garbage of ['1', '1{}', '1["x","u",-1]', '9["x","u",1]', '\u0000\ud800', '1'.repeat(300_000)]) {
    await other.sendCommand(['SPUBLISH', 'parley:test:u:1', garbage]);
  }
  await assertCarries(one, two);
  assert.deepEqual(two.log.lines, ['something that no node says came over Redis: ']);
});

test('[DELIV-2] a node starts without Redis, and is up as soon as there is one', async (t) => {
  const redis = await realRedis(t);
  if (redis === undefined) return;
  await redis.kill();
  const [one, two] = [node(t, redis.url), node(t, redis.url)];
  await until(() => two.log.lines.length > 0, 'the log says why');
  assert.match(two.log.lines[0] ?? '', /no connection to Redis.*ECONNREFUSED/);
  one.bus.publish(ABOUT_ANN);
  assert.deepEqual([one.bus.isUp, one.bus.hasPeers, one.bus.dropped], [false, false, 1]);
  await redis.restart();
  await assertCarries(one, two);
});

test('[DELIV-2] a wrong password is said, and tried again', async (t) => {
  const redis = await realRedis(t);
  if (redis === undefined) return;
  const wrong = new URL(redis.url);
  wrong.password = 'wrong';
  const [one, two] = [node(t, wrong.href), node(t, wrong.href)];
  await until(() => two.log.lines.length > 0, 'the log says why');
  assert.match(two.log.lines[0] ?? '', /WRONGPASS/);
  const other = await client(t, redis.url);
  await other.sendCommand(['CONFIG', 'SET', 'requirepass', 'wrong']);
  await assertCarries(one, two);
});

test('[DELIV-2] a Redis that became a replica is left, for its name may lead to another one by now (C31)', async (t) => {
  const redis = await realRedis(t);
  if (redis === undefined) return;
  const [one, two] = [node(t, redis.url), node(t, redis.url)];
  await assertCarries(one, two);
  const other = await client(t, redis.url);
  await other.sendCommand(['REPLICAOF', '127.0.0.1', `${await freePort()}`]);
  await until(() => !one.bus.isUp && !two.bus.isUp, 'both have left it');
  assert.match(one.log.lines.at(-1) ?? '', /no connection to Redis.*READONLY/);
  two.state.mayHaveMissed = 0;
  await other.sendCommand(['REPLICAOF', 'NO', 'ONE']);
  await assertCarries(one, two);
});

test('[DELIV-2] over TLS, with a user of few rights and a database of its own', async (t) => {
  const redis = await realRedis(t);
  if (redis === undefined) return;
  const other = await client(t, redis.url);
  const port = await freePort();
  const files = ['tls-cert-file', CERTIFICATE, 'tls-key-file', KEY, 'tls-auth-clients', 'no'];
  await other.sendCommand(['CONFIG', 'SET', 'tls-port', `${port}`, 'tls-ca-cert-file', CERTIFICATE, ...files]);
  await other.sendCommand(['ACL', 'SETUSER', 'parley', 'on', '>p@ss', '~parley:*', '&parley:*', '+@all', '-@admin']);
  const url = `rediss://parley:p%40ss@localhost:${port}/3`;
  const [one, two] = [node(t, url), node(t, url)];
  await until(() => two.log.lines.length > 0, 'the log says why');
  assert.match(two.log.lines[0] ?? '', /self-signed certificate/);
  trustCertificate(t);
  await assertCarries(one, two);
  assert.ok(!two.log.lines.join().includes('p@ss'));
});

test('[DELIV-2] closing does not wait for a Redis that is not there', async (t) => {
  const redis = join(t, `redis://127.0.0.1:${await freePort()}`);
  redis.bus.subscribe({ kind: 'user', id: ANN });
  const sinceMs = performance.now();
  await redis.close();
  await redis.close();
  assert.ok(performance.now() - sinceMs < 1_000);
});

function message(seq: number): BusEvent {
  const place = { conversation: 7 as ConversationId, seq: seq as Seq, ord: seq as Ord, tag: seq as Tag };
  const who = { author: ANN, authorName: 'ann', target: null, targetName: null, role: null };
  const entry = { ...place, ...who, kind: 'message' as const, clientId: `c${seq}`, time: 1, text: 'x'.repeat(8_000) };
  return { kind: 'entries', prevTag: (seq - 1) as Tag, entries: [entry], ...place };
}
