import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { resetSocket } from '../../src/load/reset-socket.ts';

const SOON_MS = 5_000;

/** A connection to somebody who answers an end with an end. */
async function connect(t: TestContext): Promise<net.Socket> {
  const server = net.createServer((socket) => socket.on('error', () => {}).resume());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

function openSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
}

for (const isEnding of [false, true]) {
  test(`a connection ${isEnding ? 'whose end is under way' : 'in use'} is gone after a reset, and nothing of it stays`, async (t) => {
    const socket = await connect(t);
    if (isEnding) socket.end();
    resetSocket(socket);
    const end = performance.now() + SOON_MS;
    while (openSockets() > 0 && performance.now() < end) await sleep(5);
    assert.equal(openSockets(), 0);
  });
}
