import assert from 'node:assert/strict';
import type net from 'node:net';
import { test } from 'node:test';
import { Court, type Dialect } from '../../../src/bench/pairs/court.ts';
import { classicRelay } from '../../../src/bench/relay/classic-relay.ts';
import { nativeRelay } from '../../../src/bench/relay/native-relay.ts';
import { type OnRelayFrame, startRelay } from '../../../src/bench/relay/relay-server.ts';

interface Opened {
  readonly court: Court;
  readonly server: net.Server;
  readonly sockets: readonly net.Socket[];
}

async function openCourt(dialect: Dialect, onFrame: OnRelayFrame): Promise<Opened> {
  const { port, server } = await startRelay(dialect === 'classic' ? 0 : 10, onFrame);
  const sockets: net.Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  const court = await Court.open({ ports: [port], dialect, pairs: 4, tokenOf: String, password: 'any' });
  return { court, server, sockets };
}

test('classic: four pairs for a moment, every message arrives once and in order', async () => {
  const { court, server } = await openCourt('classic', classicRelay());
  const { messagesPerSecond, p50 } = await court.play(100, 400);
  await court.play(0, 100);
  const { sent, arrived, acked, wrong } = court.counts;
  assert.deepEqual([arrived, acked, wrong], [sent, 0, 0]);
  assert.ok(sent > 8 && messagesPerSecond > 0 && p50 > 0);
  court.close();
  server.close();
});

test('native: each message has a receipt, comes back to its sender and reaches its partner', async () => {
  const { court, server } = await openCourt('native', nativeRelay());
  await court.play(100, 400);
  await court.play(0, 100);
  const { sent, arrived, acked, echoed, wrong } = court.counts;
  assert.deepEqual([arrived, acked, echoed, wrong], [sent, sent, sent, 0]);
  assert.ok(sent > 8);
  court.close();
  server.close();
});

test('a message that is delivered twice fails the round', async () => {
  const relay = classicRelay();
  let messages = 0;
  const { court, server } = await openCourt('classic', (frame, peer) => {
    relay(frame, peer);
    if (frame['msgid'] === 6 && ++messages === 50) relay(frame, peer);
  });
  await assert.rejects(court.play(0, 200), /once and in order.*"wrong":1/);
  court.close();
  server.close();
});

test('a skipped number in the log fails the round', async () => {
  const relay = nativeRelay();
  let entries = 0;
  const { court, server } = await openCourt('native', (frame, peer) => {
    relay(frame, {
      get user() {
        return peer.user;
      },
      set user(user) {
        peer.user = user;
      },
      write: (line) => {
        const skips = line.startsWith('{"ev":"entry"') && ++entries > 1_000;
        peer.write(skips ? line.replace(/"seq":(\d+)/, (_, seq) => `"seq":${Number(seq) + 1}`) : line);
      },
    });
  });
  await assert.rejects(court.play(0, 1_000), /once and in order/);
  court.close();
  server.close();
});

test('a connection that the server closes fails the round', async () => {
  const { court, server, sockets } = await openCourt('classic', classicRelay());
  const played = court.play(0, 100);
  sockets[0]?.destroy();
  await assert.rejects(played, /once and in order/);
  court.close();
  server.close();
});
