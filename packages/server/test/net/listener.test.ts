import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ListenError } from '../../src/net/listen-error.ts';
import { openListener } from '../../src/net/listener.ts';
import { SILENT_LOG } from '../../src/observe/log.ts';
import { REAL_CLOCK, startHarness, until } from './net-harness.ts';

test('[OPS-2] a port that is taken is named, with a free one', async (t) => {
  const { listener } = await startHarness(t);
  const opening = openListener({
    host: '127.0.0.1',
    port: listener.port,
    limits: { frameBytes: 1, queueBytes: 65_536, connections: 1, connectionsPerAddress: 1, stuckMs: 1, endMs: 1 },
    clock: REAL_CLOCK,
    log: SILENT_LOG,
    openConnection: () => assert.fail(),
  });
  await assert.rejects(opening, (error) => {
    assert.ok(error instanceof ListenError);
    assert.equal(error.code, 'EADDRINUSE');
    assert.match(
      error.message,
      new RegExp(`^127\\.0\\.0\\.1:${listener.port} is taken .*127\\.0\\.0\\.1:${error.freePort} is free$`),
    );
    return true;
  });
});

test('[LIMIT-1] connections above the limit are closed as they come; room that is left can be used again', async (t) => {
  const { connect, listener, recorders } = await startHarness(t, { limits: { connections: 2 } });
  const first = await connect();
  await connect();
  const refused = net.connect(listener.port, '127.0.0.1');
  refused.on('error', () => {});
  await once(refused, 'close');
  assert.equal(recorders.length, 2);
  first.peer.end();
  await first.recorder.closed.promise;
  await connect();
  assert.equal(listener.connectionCount, 2);
});

test('[LIMIT-1] the limit by address skips loopback', async (t) => {
  const { connect, listener } = await startHarness(t, { limits: { connectionsPerAddress: 1 } });
  await connect();
  await connect();
  assert.equal(listener.connectionCount, 2);
});

test('a listener on IPv6 tells IPv4 peers by their plain address', async (t) => {
  const { connect, listener, recorders } = await startHarness(t, { host: '::' });
  const peer = net.connect(listener.port, '127.0.0.1');
  t.after(() => peer.destroy());
  await until(() => recorders.length === 1);
  assert.equal(recorders[0]?.connection.remoteAddress, '127.0.0.1');
  assert.equal(recorders[0]?.connection.isLoopback, true);
  const { recorder } = await connect();
  assert.equal(recorder.connection.isLoopback, true);
});

test('[OPS-1] after stopAccepting nobody new comes in, and those inside are served', async (t) => {
  const { connect, listener } = await startHarness(t);
  const { peer, recorder } = await connect();
  listener.stopAccepting();
  const late = net.connect(listener.port, '127.0.0.1');
  await assert.rejects(once(late, 'connect'), { code: 'ECONNREFUSED' });
  peer.write('1\n');
  await until(() => recorder.events.length === 1);
  recorder.connection.write(Buffer.from('last words\n'));
  const closing = listener.close();
  const [chunk] = await once(peer, 'data');
  assert.equal(chunk.toString(), 'last words\n');
  peer.end();
  await closing;
  assert.equal(await recorder.closed.promise, true);
  assert.equal(listener.connectionCount, 0);
});

test('[WIRE-2] peers that vanish in the middle of everything leave nothing behind', async (t) => {
  const { connect, listener, recorders } = await startHarness(t);
  for (let n = 0; n < 50; n += 1) {
    const { peer, recorder } = await connect();
    recorder.react = () => recorder.connection.write(Buffer.alloc(10_000, 'x'));
    peer.write('1\n2\n');
    if (n % 2 === 0) await sleep(1);
    peer.resetAndDestroy();
  }
  await until(() => listener.connectionCount === 0);
  assert.ok(recorders.every(({ events }) => events.filter((event) => event.startsWith('closed')).length === 1));
});
