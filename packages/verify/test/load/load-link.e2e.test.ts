import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { LoadLink } from '../../src/load/load-link.ts';

/** A server that hands over its first socket and what it read. */
async function listen(): Promise<{ port: number; socket: Promise<net.Socket>; close: () => void }> {
  const { promise, resolve } = Promise.withResolvers<net.Socket>();
  const server = net.createServer({ noDelay: true }, resolve);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { port: (server.address() as net.AddressInfo).port, socket: promise, close: () => server.close() };
}

test('frames come whole, however the bytes are cut', async () => {
  const server = await listen();
  const link = await LoadLink.connect({ port: server.port, terminator: 'lf' });
  const frames: string[] = [];
  link.onFrame = (frame) => frames.push(frame);
  const socket = await server.socket;
  for (const byte of Buffer.from('{"a":"ä😀"}\n{"b":1}\n')) {
    socket.write(Buffer.of(byte));
    await sleep(1);
  }
  socket.write('{"c":1}\n{"d":2}\n{"e"');
  socket.write(':3}\n');
  while (frames.length < 5) await sleep(1);
  assert.deepEqual(frames, ['{"a":"ä😀"}', '{"b":1}', '{"c":1}', '{"d":2}', '{"e":3}']);
  link.end();
  server.close();
});

test('what is written in one tick leaves together, and the end is told once', async () => {
  const server = await listen();
  const link = await LoadLink.connect({ port: server.port, terminator: 'nul' });
  const ends: unknown[] = [];
  link.onClosed = (error) => ends.push(error);
  const socket = await server.socket;
  const chunks: string[] = [];
  socket.on('data', (chunk) => chunks.push(chunk.toString()));
  link.write('{}');
  link.write('{"x":1}');
  while (chunks.length === 0) await sleep(1);
  assert.deepEqual(chunks, ['{}\0{"x":1}\0']);
  socket.destroy();
  while (ends.length === 0) await sleep(1);
  await sleep(5);
  assert.deepEqual(ends, [undefined]);
  server.close();
});
