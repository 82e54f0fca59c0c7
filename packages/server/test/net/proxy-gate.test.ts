import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { FakeClock } from '@parley/testkit';
import { withinRanges } from '../../src/net/address-ranges.ts';
import { type Harness, type HarnessOptions, startHarness, until } from './net-harness.ts';

const HEADER = 'PROXY TCP4 203.0.113.7 127.0.0.1 40000 6001\r\n';

interface Behind extends Harness {
  /** Connects to the listener that requires the header, and says this. */
  readonly say: (...pieces: readonly string[]) => Promise<Socket>;
}

async function startBehindProxy(t: TestContext, options: HarnessOptions = {}): Promise<Behind> {
  const harness = await startHarness(t, { isTrusted: withinRanges(['127.0.0.0/8']), ...options });
  const say = async (...pieces: readonly string[]): Promise<Socket> => {
    const peer = net.connect({ host: '127.0.0.1', port: harness.listener.proxyPort ?? 0, noDelay: true });
    t.after(() => peer.destroy());
    peer.on('error', () => {}).resume();
    await once(peer, 'connect');
    for (const piece of pieces) await new Promise((resolve) => peer.write(piece, resolve));
    return peer;
  };
  return { ...harness, say };
}

test('[WIRE-6] behind a proxy a connection has its client’s address, and nothing of what follows the header is lost', async (t) => {
  const { say, recorders, listener } = await startBehindProxy(t);
  await say(`${HEADER}one\ntwo\n`);
  await until(() => recorders[0]?.events.length === 2);
  assert.deepEqual(recorders[0]?.events, ['lf:one', 'lf:two']);
  assert.equal(recorders[0]?.connection.remoteAddress, '203.0.113.7');
  assert.equal(recorders[0]?.connection.isLoopback, false);
  await say('PRO', 'XY TCP4 203.0.113.8 127.0.0.1 40000 6001\r', '\nthr', 'ee\n');
  await until(() => recorders[1]?.events.length === 1);
  assert.deepEqual(recorders[1]?.events, ['lf:three']);
  assert.equal(listener.connectionCount, 2);
});

test('[WIRE-6] a connection that its owner pauses at once is not read until it says so, behind a proxy too', async (t) => {
  const { say, recorders } = await startBehindProxy(t, { onOpen: ({ connection }) => connection.pause() });
  const peer = await say(`${HEADER}one\n`);
  await until(() => recorders.length === 1);
  await new Promise((resolve) => peer.write('two\n', resolve));
  assert.deepEqual(recorders[0]?.events, []);
  recorders[0]?.connection.resume();
  await until(() => recorders[0]?.events.length === 2);
});

test('[WIRE-6] a proxy that speaks for itself is known by its own address', async (t) => {
  const { say, recorders } = await startBehindProxy(t);
  await say('PROXY UNKNOWN\r\n');
  await until(() => recorders.length === 1);
  assert.equal(recorders[0]?.connection.remoteAddress, '127.0.0.1');
});

test('[WIRE-6] without a PROXY header, or half of one, nobody comes in where it is required', async (t) => {
  const { say, recorders } = await startBehindProxy(t);
  const frame = await say('{"id":1,"op":"hello"}\n');
  await until(() => frame.closed);
  const half = await say('PROXY TCP4 203');
  half.end();
  await until(() => half.closed);
  assert.equal(recorders.length, 0);
});

test('[LIMIT-1] a PROXY header that does not come is waited for so long only', async (t) => {
  const clock = new FakeClock();
  const { say, recorders } = await startBehindProxy(t, { clock });
  const peer = await say('PROXY ');
  await until(() => {
    clock.advance(1_000);
    return peer.closed;
  });
  assert.equal(recorders.length, 0);
});

test('[WIRE-6] the header of a stranger is not believed: the connection ends', async (t) => {
  const { say, recorders } = await startBehindProxy(t, { isTrusted: withinRanges(['192.0.2.0/24', '::1']) });
  const peer = await say();
  peer.write(HEADER);
  await until(() => peer.closed);
  assert.equal(recorders.length, 0);
});

test('[WIRE-6] where clients connect directly a PROXY header is no more than a frame', async (t) => {
  const { connect } = await startBehindProxy(t);
  const { peer, recorder } = await connect();
  peer.write(HEADER);
  await until(() => recorder.events.length === 1);
  assert.deepEqual(recorder.events, [`lf:${HEADER.trimEnd()}`]);
  assert.equal(recorder.connection.remoteAddress, '127.0.0.1');
});

test('[LIMIT-1] the limit by address counts the clients behind a proxy, each for itself', async (t) => {
  const { say, listener, recorders } = await startBehindProxy(t, { limits: { connectionsPerAddress: 1 } });
  await say(HEADER);
  await until(() => recorders.length === 1);
  const second = await say();
  second.write(HEADER);
  await until(() => second.closed);
  await say(HEADER.replace('113.7', '113.8'));
  await until(() => recorders.length === 2);
  assert.equal(listener.connectionCount, 2);
});

test('[LIMIT-1] both listeners together have no more connections than one may, those without a header included', async (t) => {
  const { say, connect, listener } = await startBehindProxy(t, { limits: { connections: 2 } });
  await connect();
  const waiting = await say('PROXY');
  const third = net.connect(listener.port, '127.0.0.1');
  third.on('error', () => {}).resume();
  await until(() => third.closed);
  waiting.destroy();
  assert.equal(listener.connectionCount, 1);
});

test('[OPS-1] a listener that closes does not wait for a header', async (t) => {
  const { say, listener } = await startBehindProxy(t);
  const peer = await say('PROXY');
  await listener.close();
  await until(() => peer.closed);
});
