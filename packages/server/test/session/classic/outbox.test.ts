import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Seq } from '@parley/protocol';
import { FakeClock } from '@parley/testkit';
import type { ConversationId } from '../../../src/chat/ports/index.ts';
import { ClassicOutbox, type Mark } from '../../../src/session/classic/outbox.ts';
import type { LinkListener } from '../../../src/session/link.ts';
import { FakeLink } from '../fake-link.ts';

const LISTENER = {} as LinkListener;

function mark(seq: number): Mark {
  return { conversation: 1 as ConversationId, seq: seq as Seq };
}

function world(paceMs = 20) {
  const clock = new FakeClock();
  const link = new FakeLink(() => LISTENER);
  let emptied = 0;
  const outbox = new ClassicOutbox(link, { clock, paceMs }, () => {
    emptied += 1;
  });
  const send = (seq: number): boolean => outbox.send({ frame: { msgid: 6, seq }, marks: [mark(seq)] });
  /** What the peer shows to have received, where that is news. */
  const taken = () => {
    outbox.received();
    return outbox.takeReceived();
  };
  return { clock, link, outbox, send, taken, emptied: () => emptied };
}

test('[CLASSIC-4] a frame leaves at once, the next one after the pause and when the one before has left', () => {
  const { clock, link, send } = world();
  for (const seq of [1, 2, 3]) send(seq);
  assert.equal(link.written.length, 1);
  clock.advance(19);
  assert.equal(link.written.length, 1);
  clock.advance(1);
  assert.equal(link.written.length, 2);
  link.isFlushed = false;
  clock.advance(200);
  assert.equal(link.written.length, 2, 'the peer does not read');
  link.isFlushed = true;
  clock.advance(20);
  assert.equal(link.written.length, 3);
  clock.advance(20);
  assert.equal(clock.timers, 0, 'nothing runs when nothing waits');
});

test('[CLASSIC-3] only what was handed over counts as sent, and only once it has left', () => {
  const { clock, link, outbox, send, taken } = world();
  for (const seq of [1, 2, 3]) send(seq);
  outbox.send({ frame: undefined, marks: [mark(4)] });
  link.isFlushed = false;
  assert.deepEqual(taken(), []);
  link.isFlushed = true;
  assert.deepEqual(taken(), [[1, 1]]);
  assert.deepEqual(taken(), []);
  clock.advance(40);
  assert.deepEqual(taken(), [[1, 3]], 'what needs no frame waits for those before it');
  clock.advance(20);
  assert.deepEqual(taken(), [[1, 4]]);
});

test('[LIMIT-1] what waits is bounded, and more is asked for when it has gone', () => {
  const { clock, link, send, emptied } = world();
  let taken = 1;
  while (send(taken)) taken += 1;
  assert.equal(taken, 33);
  clock.advance(31 * 20);
  assert.equal(emptied(), 0);
  clock.advance(20);
  assert.deepEqual([emptied(), link.written.length], [1, 33]);
  assert.equal(send(100), true);
});

test('[IDENT-1] what waits when the log-in ends is dropped', () => {
  const { clock, link, outbox, send, taken } = world();
  for (const seq of [1, 2, 3]) send(seq);
  outbox.close();
  clock.advance(1_000);
  assert.equal(link.written.length, 1);
  assert.deepEqual(taken(), [[1, 1]]);
});

test('without a pause everything leaves at once, as long as there is room', () => {
  const { clock, link, send, emptied } = world(0);
  for (let seq = 1; seq <= 100; seq += 1) send(seq);
  assert.equal(link.written.length, 100);
  link.isFull = true;
  link.isFlushed = false;
  for (let seq = 1; seq <= 40; seq += 1) send(seq);
  clock.advance(10);
  assert.equal(link.written.length, 101);
  link.isFull = false;
  link.isFlushed = true;
  clock.advance(1);
  assert.deepEqual([link.written.length, emptied()], [140, 1]);
});
