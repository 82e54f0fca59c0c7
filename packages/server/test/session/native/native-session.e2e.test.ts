import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { embeddedNode, newUser, RawPeer } from '../../e2e/embedded-node.ts';

/** Says all of it at once, as `printf … | nc` does, ends its half, and takes what comes until the server ends. */
async function sayAndListen(port: number, requests: readonly object[]): Promise<Record<string, unknown>[]> {
  const socket: Socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let heard = '';
  socket.setEncoding('utf8').on('data', (text: string) => (heard += text));
  socket.end(lines(requests));
  await new Promise((resolve) => socket.on('end', resolve));
  socket.destroy();
  return heard
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function lines(requests: readonly object[]): string {
  return requests.map((request) => `${JSON.stringify(request)}\n`).join('');
}

test('a peer that ends its half in the packet of its log-in gets an answer to everything behind it', async (t) => {
  const { port } = await embeddedNode(t);
  await newUser(port, 'ben');
  const sends = Array.from({ length: 30 }, (_, n) => ({
    id: 10 + n,
    op: 'send',
    to: '@ben',
    clientId: `${n}`,
    text: 'x',
  }));
  const asks = Array.from({ length: 30 }, (_, n) => ({ id: 50 + n, op: 'whois', user: 'ben' }));
  const answers = await sayAndListen(port, [
    { id: 1, op: 'register', name: 'ann', password: 'long enough' },
    ...asks,
    ...sends,
    { id: 99, op: 'ping' },
  ]);
  assert.equal(answers.length, 62);
  assert.deepEqual(
    answers.filter(({ ok }) => ok === undefined),
    [],
  );
});

test('[LIMIT-1] [WIRE-3] large answers to a peer that does not read wait in the store, not in memory', async (t) => {
  const { port } = await embeddedNode(t, { queueBytes: '65536' });
  const ann = await newUser(port, 'ann');
  await newUser(port, 'ben');
  const text = '\u0001'.repeat(8_000); // 48 kB as JSON
  await ann.get('send', { to: '@ben', clientId: 'long', text });
  const reader = await RawPeer.connect(port);
  await reader.get('resume', { token: ann.token });
  reader.socket.pause();
  const count = 500;
  const requests = Array.from({ length: count }, (_, n) => ({ id: 1_000 + n, op: 'history', conversation: '@ben' }));
  reader.write(lines(requests));
  await sleep(500);
  assert.equal(reader.isClosed, false);
  reader.socket.resume();
  await reader.until(() => reader.frames.filter(({ re }) => Number(re) >= 1_000).length === count, 'all pages');
});
