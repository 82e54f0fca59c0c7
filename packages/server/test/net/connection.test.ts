import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FakeClock } from '@parley/testkit';
import { startHarness, until } from './net-harness.ts';

const frame = (text: string): Buffer => Buffer.from(`${text}\n`);

test('[WIRE-1] frames reach the owner in order, with the byte that ended them', async (t) => {
  const { connect } = await startHarness(t);
  const { peer, recorder } = await connect();
  peer.write('{"a":1}\n{"b":2}\0{"c"');
  await until(() => recorder.events.length === 2);
  peer.write(':3}\r\n');
  await until(() => recorder.events.length === 3);
  assert.deepEqual(recorder.events, ['lf:{"a":1}', 'nul:{"b":2}', 'lf:{"c":3}']);
});

test('[WIRE-1] a frame that is not UTF-8 is told and the connection goes on', async (t) => {
  const { connect } = await startHarness(t);
  const { peer, recorder } = await connect();
  peer.write(Buffer.from([0xff, 0xfe, 0x0a]));
  peer.write('{}\n');
  await until(() => recorder.events.length === 2);
  assert.deepEqual(recorder.events, ['badUtf8', 'lf:{}']);
});

test('[WIRE-1] a frame beyond the limit is told before its end, and the answer arrives although the peer goes on sending', async (t) => {
  const { connect } = await startHarness(t);
  const { peer, recorder } = await connect();
  let answer = '';
  peer.setEncoding('utf8').on('data', (text) => (answer += text));
  peer.write('x'.repeat(1_001));
  await until(() => recorder.events.length === 1);
  peer.write('y'.repeat(200_000));
  recorder.connection.write(frame('too long'));
  recorder.connection.end();
  await once(peer, 'end');
  assert.equal(answer, 'too long\n');
  peer.end();
  await recorder.closed.promise;
  assert.deepEqual(recorder.events, ['tooLong', 'closed:true']);
});

test('[LIMIT-1] an ended connection is cut off when the peer sends on without end', async (t) => {
  const { connect } = await startHarness(t);
  const { peer, recorder } = await connect();
  recorder.connection.end();
  const flood = setInterval(() => peer.write(Buffer.alloc(262_144)), 1);
  t.after(() => clearInterval(flood));
  assert.equal(await recorder.closed.promise, false);
});

test('frames written in one turn arrive in one write', async (t) => {
  const { connect } = await startHarness(t);
  const { peer, recorder } = await connect();
  const chunks: string[] = [];
  peer.on('data', (chunk) => chunks.push(chunk.toString()));
  for (let n = 0; n < 5; n += 1) assert.equal(recorder.connection.write(frame(`${n}`)), true);
  await until(() => chunks.length > 0);
  assert.deepEqual(chunks, ['0\n1\n2\n3\n4\n']);
});

test('[CLASSIC-4] paced frames leave in a write of their own, the pace after the one before', async (t) => {
  const clock = new FakeClock();
  const { connect } = await startHarness(t, { clock });
  const { peer, recorder } = await connect();
  const { connection } = recorder;
  const chunks: string[] = [];
  peer.on('data', (chunk) => chunks.push(chunk.toString()));
  for (let n = 0; n < 5; n += 1) connection.writePaced(frame(`${n}`), 20);
  connection.end();
  const end = once(peer, 'end');
  await until(() => chunks.length > 0);
  for (let n = 1; n < 5; n += 1) {
    clock.advance(19);
    await sleep(2);
    assert.equal(chunks.length, n, 'not a millisecond before');
    clock.advance(1);
    await until(() => chunks.length > n);
  }
  await end;
  assert.deepEqual(chunks, ['0\n', '1\n', '2\n', '3\n', '4\n']);
});

test('a pace of 0 is an ordinary write', async (t) => {
  const { connect } = await startHarness(t);
  const { peer, recorder } = await connect();
  const chunks: string[] = [];
  peer.on('data', (chunk) => chunks.push(chunk.toString()));
  recorder.connection.writePaced(frame('1'), 0);
  recorder.connection.writePaced(frame('2'), 0);
  await until(() => chunks.length > 0);
  assert.deepEqual(chunks, ['1\n2\n']);
});

test('[WIRE-3] above the mark write says false, and drained follows when the peer reads', async (t) => {
  const { connect } = await startHarness(t);
  const { peer, recorder } = await connect();
  const big = frame('x'.repeat(60_000));
  let written = 0;
  let taken = true;
  peer.pause();
  while (taken) {
    taken = recorder.connection.write(big);
    written += 1;
    await sleep(0);
  }
  assert.deepEqual(recorder.events, []);
  let read = 0;
  peer.on('data', (chunk) => (read += chunk.length)).resume();
  await until(() => recorder.events.length > 0);
  assert.deepEqual(recorder.events, ['drained']);
  await until(() => read === written * big.length);
});

test('[WIRE-3] an owner that writes on after false loses the connection, not the process its memory', async (t) => {
  const { connect } = await startHarness(t, { limits: { queueBytes: 65_536 } });
  const { peer, recorder } = await connect();
  peer.pause();
  const big = frame('x'.repeat(60_000));
  for (let n = 0; n < 200; n += 1) recorder.connection.write(big);
  assert.equal(await recorder.closed.promise, false);
  assert.equal(recorder.connection.write(big), false);
});

test('[WIRE-3] a peer that reads nothing is told as stuck', async (t) => {
  const clock = new FakeClock();
  const { connect } = await startHarness(t, { clock });
  const { peer, recorder } = await connect();
  peer.pause();
  while (recorder.connection.write(frame('x'.repeat(60_000)))) await sleep(0);
  await sleep(50);
  clock.advance(29_000);
  assert.equal(recorder.events.length, 0);
  // The two kernels may still have been busy with each other at the first look; then it takes as long again.
  clock.advance(33_000);
  assert.ok(recorder.events.includes('stuck'));
});

test('[WIRE-3] a peer that reads slowly is not', { skip: process.platform !== 'linux' }, async (t) => {
  const clock = new FakeClock();
  const { connect } = await startHarness(t, { clock });
  const { peer, recorder } = await connect();
  peer.pause();
  while (recorder.connection.write(frame('x'.repeat(60_000)))) await sleep(0);
  // Too little for the system to say that there is room, as long as its own buffer holds megabytes.
  for (let round = 0; round < 6; round += 1) {
    clock.advance(10_000);
    for (let read = 0; read < 200_000; ) read += await readSome(peer);
    await sleep(20);
  }
  assert.ok(!recorder.events.includes('stuck'));
});

test('[WIRE-4] silence is told after the time expected, once per such time', async (t) => {
  const clock = new FakeClock();
  const { connect } = await startHarness(t, { clock });
  const { peer, recorder } = await connect();
  recorder.connection.expectWithin(30_000);
  clock.advance(25_000);
  peer.write('{}\n');
  await until(() => recorder.events.length === 1);
  clock.advance(25_000);
  assert.deepEqual(recorder.events, ['lf:{}']);
  clock.advance(6_000);
  assert.deepEqual(recorder.events, ['lf:{}', 'silent']);
  recorder.connection.expectWithin(undefined);
  clock.advance(3_600_000);
  assert.deepEqual(recorder.events, ['lf:{}', 'silent']);
});

test('[WIRE-3] frames of a chunk that come after a pause wait for resume', async (t) => {
  const { connect } = await startHarness(t);
  const { peer, recorder } = await connect();
  recorder.react = () => recorder.connection.pause();
  peer.write('1\n2\n3\n');
  await until(() => recorder.events.length === 1);
  peer.write('4\n');
  await sleep(20);
  assert.deepEqual(recorder.events, ['lf:1']);
  recorder.connection.resume();
  assert.deepEqual(recorder.events, ['lf:1'], 'never from within resume');
  await until(() => recorder.events.length === 2);
  recorder.react = () => {};
  recorder.connection.resume();
  await until(() => recorder.events.length === 4);
  assert.deepEqual(recorder.events, ['lf:1', 'lf:2', 'lf:3', 'lf:4']);
});

test('[WIRE-3] a paused connection reads no more than a few chunks', async (t) => {
  const { connect } = await startHarness(t, { limits: { frameBytes: 65_536 } });
  const { peer, recorder } = await connect();
  recorder.connection.pause();
  const line = frame('x'.repeat(999));
  for (let n = 0; n < 20_000; n += 1) peer.write(line);
  await sleep(100);
  assert.deepEqual(recorder.events, []);
  recorder.connection.resume();
  await until(() => recorder.events.length === 20_000);
});

test('a peer that ends in order closes cleanly; one that resets does not', async (t) => {
  const { connect } = await startHarness(t);
  const one = await connect();
  one.recorder.connection.write(frame('x'));
  await once(one.peer, 'data');
  one.peer.end();
  assert.equal(await one.recorder.closed.promise, true);
  const other = await connect();
  other.peer.resetAndDestroy();
  assert.equal(await other.recorder.closed.promise, false);
  assert.deepEqual(other.recorder.events, ['closed:false'], 'once');
});

test('a peer that ends its half gets what was written before, then our end', async (t) => {
  const { connect } = await startHarness(t);
  const { peer, recorder } = await connect();
  recorder.react = (text) => recorder.connection.write(frame(`re ${text}`));
  peer.end('1\n2\n');
  let answer = '';
  for await (const chunk of peer.setEncoding('utf8')) answer += chunk;
  assert.equal(answer, 're 1\nre 2\n');
  await recorder.closed.promise;
});

test('an owner may answer a half-closed peer later; one that forgets it loses the connection', async (t) => {
  const clock = new FakeClock();
  const { connect } = await startHarness(t, {
    clock,
    onOpen: (recorder) => Object.assign(recorder, { onPeerEnded: () => recorder.events.push('ended') }),
  });
  const { peer, recorder } = await connect();
  peer.end('1\n');
  await until(() => recorder.events.length === 2);
  recorder.connection.write(frame('late'));
  recorder.connection.end();
  let answer = '';
  for await (const chunk of peer.setEncoding('utf8')) answer += chunk;
  assert.equal(answer, 'late\n');
  const { peer: mute, recorder: forgetful } = await connect();
  mute.end();
  await until(() => forgetful.events.length === 1);
  clock.advance(7_000);
  await forgetful.closed.promise;
});

test('end gives up on a peer that neither reads nor ends', async (t) => {
  const clock = new FakeClock();
  const { connect } = await startHarness(t, { clock });
  const { peer, recorder } = await connect();
  peer.pause();
  while (recorder.connection.write(frame('x'.repeat(60_000)))) await sleep(0);
  recorder.connection.end();
  await sleep(10);
  assert.deepEqual(recorder.events, []);
  clock.advance(7_000);
  assert.equal(await recorder.closed.promise, false);
});

test('[WIRE-2] a mistake of one owner ends its connection only', async (t) => {
  const { connect } = await startHarness(t);
  const { peer, recorder } = await connect();
  const bystander = await connect();
  recorder.react = () => {
    throw new Error('a mistake');
  };
  peer.write('1\n');
  assert.equal(await recorder.closed.promise, false);
  bystander.peer.write('2\n');
  await until(() => bystander.recorder.events.length === 1);
});

/** Reads one chunk, then no more. */
async function readSome(peer: Socket): Promise<number> {
  peer.resume();
  const [chunk] = await once(peer, 'data');
  peer.pause();
  return chunk.length;
}
