import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom } from '@parley/testkit';
import { SYSTEM_CLOCK } from '../../src/system/system-clock.ts';
import { embeddedNode, newUser, RawPeer } from './embedded-node.ts';
import { RealNode } from './real-node.ts';

/** Waits for something that nobody tells. */
async function until(isTrue: () => boolean, what: string): Promise<void> {
  const endMs = performance.now() + 20_000;
  while (!isTrue()) {
    assert.ok(performance.now() < endMs, `waited in vain: ${what}`);
    await sleep(10);
  }
}

/** Everything still works, for somebody who was there all the time. */
async function assertServed(peer: RawPeer): Promise<void> {
  await peer.get('ping');
  const { seq } = await peer.get('send', { to: 'g1', text: 'still here', clientId: randomBytes(8).toString('hex') });
  await peer.until((frame) => frame['ev'] === 'entry' && frame['seq'] === seq, 'the entry');
}

test('[WIRE-1] frames cut anywhere, in characters too, one byte a packet or all in one, are taken in order', async (t) => {
  const node = await RealNode.start(t);
  const ann = await newUser(node.port, 'ann');
  await ann.get('createGroup', { name: 'team', clientId: 'make' });
  ann.socket.setNoDelay(true);
  const random = new SeededRandom(7);
  const texts = Array.from({ length: 120 }, (_, count) => `${count} ü€😀`.repeat(1 + random.below(8)));
  const frames = texts.map((text, count) =>
    Buffer.from(`${JSON.stringify({ id: 1_000 + count, op: 'send', to: 'g1', text, clientId: `c-${count}` })}\n`),
  );
  // One byte a packet, then at random cuts, then all the rest at once.
  for (const byte of Buffer.concat(frames.slice(0, 2))) {
    ann.write(Buffer.from([byte]));
    await new Promise(setImmediate);
  }
  for (let rest = Buffer.concat(frames.slice(2, 60)); rest.length > 0; ) {
    const cut = 1 + random.below(400);
    ann.write(rest.subarray(0, cut));
    rest = rest.subarray(cut);
    await new Promise(setImmediate);
  }
  ann.write(Buffer.concat(frames.slice(60)));
  await ann.until(({ clientId, ev }) => ev === 'entry' && clientId === 'c-119', 'the last one');
  assert.deepEqual(
    ann.entries().map(({ text }) => text),
    texts,
  );
  ann.close();
});

test('[WIRE-1] [WIRE-2] a frame without an end is answered and its connection closed, while others are served', async (t) => {
  const node = await RealNode.start(t);
  const ann = await newUser(node.port, 'ann');
  await ann.get('createGroup', { name: 'team', clientId: 'make' });
  const endless = await RawPeer.connect(node.port);
  endless.write(`{"id":1,"op":"${'x'.repeat(65_536)}`);
  await endless.until(({ re, err }) => re === null && (err as { code: string }).code === 'frame_too_long', 'an answer');
  await endless.until(({ ev, reason }) => ev === 'close' && reason === 'framing_lost', 'the reason');
  await endless.untilClosed();
  await assertServed(ann);
  ann.close();
});

const NOISE: Readonly<Record<string, Buffer>> = {
  'TLS hello': Buffer.from('1603010200010001fc0303', 'hex'),
  HTTP: Buffer.from('GET / HTTP/1.1\r\nHost: chat\r\n\r\n'),
  SSH: Buffer.from('SSH-2.0-OpenSSH_9.9\r\n'),
  'PROXY header': Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n'),
  'PROXY header, version 2': Buffer.from('0d0a0d0a000d0a515549540a2111000cc0000201c0000202000100020a', 'hex'),
  'only terminators': Buffer.alloc(10_000, '\n\0'),
  'half a character': Buffer.from([0x7b, 0xe2, 0x82, 0x0a]),
  'nested arrays': Buffer.from(`${'['.repeat(60_000)}\n`),
  'the key __proto__': Buffer.from('{"id":1,"op":"__proto__","__proto__":{"op":"ping"}}\n'),
};

test('[WIRE-2] whoever speaks something else harms nobody', async (t) => {
  const node = await RealNode.start(t);
  const ann = await newUser(node.port, 'ann');
  await ann.get('createGroup', { name: 'team', clientId: 'make' });
  const before = node.process.openDescriptors;
  for (const noise of Object.values(NOISE)) {
    const peer = await RawPeer.connect(node.port);
    peer.write(noise);
    peer.socket.end();
    await peer.untilClosed();
  }
  const noisy = await Promise.all(Array.from({ length: 50 }, () => RawPeer.connect(node.port)));
  for (const peer of noisy) peer.write(randomBytes(100_000));
  for (const peer of noisy) await peer.until(({ re, err }) => re === null && err !== undefined, 'an answer');
  await assertServed(ann);
  for (const peer of noisy) peer.close();
  await until(() => node.process.openDescriptors === before, 'all of them are gone');
  assert.doesNotMatch(node.process.log, /a mistake of the server|a session failed/);
  ann.close();
});

test('[WIRE-2] 500 clients that vanish at once, in the middle of frames and log-ins, leave nothing behind', async (t) => {
  const node = await RealNode.start(t);
  const ann = await newUser(node.port, 'ann');
  await ann.get('createGroup', { name: 'team', clientId: 'make' });
  const before = node.process.openDescriptors;
  const beginnings = [
    '',
    '{"id":1,"op":"pi',
    '{"id":1,"op":"ping"}\n'.repeat(20),
    `{"id":1,"op":"resume","token":"${ann.token}"}\n{"id":2,"op":"sync"}\n{"id":3,"op":"history","conversation":"g1"}\n`,
    `{"id":1,"op":"resume","token":"${ann.token}"}\n{"id":2,"op":"send","to":"g1","text":"hi","clientId":"only-one"}\n`,
    '{"msgid":1,"id":1,"password":"wrong"}\0',
  ];
  const clients: Socket[] = [];
  for (let count = 0; count < 500; count += 1) {
    const socket = connect(node.port, '127.0.0.1').on('error', () => {});
    socket.write(beginnings[count % beginnings.length] ?? '');
    clients.push(socket);
  }
  await until(() => clients.every(({ readyState }) => readyState !== 'opening'), 'they have connected');
  await ann.until(({ ev, clientId }) => ev === 'entry' && clientId === 'only-one', 'what one of them said');
  for (const client of clients) client.resetAndDestroy();
  await until(() => node.process.openDescriptors === before, 'all of them are gone');
  await assertServed(ann);
  const { entries } = await ann.get('history', { conversation: 'g1' });
  const repeated = (entries as { clientId: string }[]).filter(({ clientId }) => clientId === 'only-one');
  assert.equal(repeated.length, 1, 'the same client id, sent over and over, is stored once');
  assert.doesNotMatch(node.process.log, /a mistake of the server|a session failed/);
  ann.close();
});

test('[LIMIT-1] connections above the limit are turned away, those inside are served, and room is used again', async (t) => {
  const node = await RealNode.start(t, { env: { PARLEY_MAX_CONNECTIONS: '20' } });
  const ann = await newUser(node.port, 'ann');
  await ann.get('createGroup', { name: 'team', clientId: 'make' });
  const inside = await Promise.all(Array.from({ length: 19 }, () => RawPeer.connect(node.port)));
  for (const peer of inside) await peer.get('ping');
  const outside = await Promise.all(Array.from({ length: 30 }, () => RawPeer.connect(node.port)));
  for (const peer of outside) await peer.untilClosed();
  for (const peer of inside) await peer.get('ping');
  await assertServed(ann);
  inside[0]?.close();
  await until(() => inside[0]?.isClosed === true, 'one has left');
  await until(() => node.process.log.includes('as many as it may have'), 'a line in the log');
  assert.equal(node.process.log.match(/as many as it may have/g)?.length, 1, 'said once, not once per client');
  const newcomer = await RawPeer.connect(node.port);
  await newcomer.get('ping');
  for (const peer of [ann, newcomer, ...inside]) peer.close();
});

/** Twenty times as fast as real time. */
const HASTE = 20;
const HASTY_CLOCK = {
  now: () => SYSTEM_CLOCK.now(),
  monotonic: () => SYSTEM_CLOCK.monotonic() * HASTE,
  after: (ms: number, action: () => void) => SYSTEM_CLOCK.after(ms / HASTE, action),
};

test('[WIRE-4] a native peer that is silent for 30 s is told and closed; one that pings stays', async (t) => {
  const server = await embeddedNode(t, {}, { clock: HASTY_CLOCK });
  const silent = await newUser(server.port, 'silent');
  const lively = await newUser(server.port, 'lively');
  const pinging = setInterval(() => void lively.get('ping').catch(() => {}), 10_000 / HASTE / 2);
  t.after(() => clearInterval(pinging));
  await silent.untilClosed();
  assert.equal(silent.frames.at(-1)?.['reason'], 'silent');
  assert.equal(lively.isClosed, false);
  await lively.get('ping');
  clearInterval(pinging);
  lively.close();
});
