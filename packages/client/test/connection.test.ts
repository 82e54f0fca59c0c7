import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { LIMITS } from '@parley/protocol';
import { Connection, type ConnectionEnd } from '../src/connection.ts';
import type { ClientError } from '../src/errors.ts';
import { createInMemoryDial, type FarEnd } from './in-memory-server.ts';

const ADDRESS = { host: 'far', port: 1, isSecure: false };

interface Opened {
  readonly connection: Connection;
  readonly far: FarEnd;
  readonly ends: ConnectionEnd[];
  /** Lets time pass, in steps of the connection's own tick. */
  readonly pass: (ms: number) => void;
}

/** Without the system's time-outs: mocked timers know no AbortSignal.timeout. */
async function openConnection(t: TestContext): Promise<Opened> {
  t.mock.timers.enable({ apis: ['setInterval'] });
  let nowMs = 0;
  const { dial, ends: far } = createInMemoryDial();
  const ends: ConnectionEnd[] = [];
  const sources = { monotonicMs: () => nowMs, wallMs: () => nowMs, random: () => 0 };
  const options = { address: ADDRESS, dial, sources, clientName: 'test', connectTimeoutMs: 60_000 };
  const connection = await Connection.open(options, { onEvent: () => {}, onEnd: (end) => ends.push(end) });
  const pass = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 500) {
      nowMs += 500;
      t.mock.timers.tick(500);
    }
  };
  return { connection, far: far[0] as FarEnd, ends, pass };
}

const pings = (far: FarEnd): number => far.requests.filter(({ op }) => op === 'ping').length;

test('[CLIENT-1] a frozen server is noticed within 7 s of a request, and all who wait are told', async (t) => {
  const { connection, far, ends, pass } = await openConnection(t);
  const answer = connection.request('friends', {}, 60_000).catch((error: unknown) => (error as ClientError).kind);
  pass(3_000);
  assert.equal(pings(far), 1);
  assert.equal(ends.length, 0);
  pass(4_000);
  assert.equal(await answer, 'lost');
  assert.equal(ends[0]?.error.message, 'The server no longer answers.');
  assert.equal(ends[0]?.reconnect, true);
});

test('[CLIENT-1] an idle link is kept alive by a ping every ten seconds', async (t) => {
  const { far, ends, pass } = await openConnection(t);
  for (let round = 1; round <= 3; round += 1) {
    pass(10_500);
    assert.equal(pings(far), round);
    far.send({ re: far.requests.at(-1)?.id, ok: {} });
  }
  assert.equal(ends.length, 0);
});

test('[CLIENT-1] a slow answer on a live link is waited for, up to its own deadline', async (t) => {
  const { connection, far, ends, pass } = await openConnection(t);
  const answer = connection.request('register', { name: 'a', password: 'b' }, 9_000).catch((error: unknown) => error);
  for (let second = 0; second < 10; second += 1) {
    pass(1_000);
    for (const { id, op } of far.requests) if (op === 'ping') far.send({ re: id, ok: {} });
  }
  assert.equal(((await answer) as ClientError).kind, 'timeout');
  assert.equal(ends.length, 0);
});

test('[CLIENT-1] the server says in its last frame why it ends the link, and whether to come back', async (t) => {
  const { far, ends } = await openConnection(t);
  far.send({ ev: 'close', reason: 'revoked', reconnect: false, message: 'This device was logged out.' });
  far.close();
  assert.deepEqual([ends[0]?.error.code, ends[0]?.reconnect], ['revoked', false]);
});

test('[CLIENT-1] a link that retires waits for its answers', async (t) => {
  const { connection, far, ends } = await openConnection(t);
  const answer = connection.request('friends', {}, 60_000);
  connection.retire();
  assert.equal(ends.length, 0);
  far.send({ re: far.requests.at(-1)?.id, ok: { contacts: [], more: false } });
  assert.deepEqual(await answer, { contacts: [], more: false });
  assert.equal(ends.length, 1);
});

test('[CLIENT-1] a request that is longer than a frame may be is refused here, and the link lives on', async (t) => {
  const { connection, far, ends } = await openConnection(t);
  const group = `#${'x'.repeat(LIMITS.frameBytes)}`;
  const error = await connection.request('join', { group, clientId: 'c' }, 60_000).catch((error: unknown) => error);
  const { kind, code } = error as ClientError;
  assert.deepEqual([kind, code], ['refused', 'frame_too_long']);
  assert.deepEqual([far.requests.map(({ op }) => op), ends], [['hello'], []]);
});

test('[CLIENT-1] fields with an id and an op of their own, as a bot may write them, take nobody else’s answer', async (t) => {
  const { connection, far } = await openConnection(t);
  const first = connection.request('whois', { user: 1 }, 60_000);
  const fields = { user: 2, id: far.requests.at(-1)?.id, op: 'logout' };
  const second = connection.request('whois', fields, 60_000);
  const [one, other] = far.requests.slice(-2);
  assert.notEqual(one?.id, other?.id);
  assert.equal(other?.op, 'whois');
  far.send({ re: other?.id, ok: { user: { id: 2, name: 'b' } } });
  far.send({ re: one?.id, ok: { user: { id: 1, name: 'a' } } });
  assert.deepEqual([(await first).user.id, (await second).user.id], [1, 2]);
});
