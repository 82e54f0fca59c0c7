import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Seq } from '@parley/protocol';
import type { ConversationId } from '../../../src/chat/ports/index.ts';
import { SentPositions } from '../../../src/session/classic/positions.ts';

const ONE = 1 as ConversationId;
const TWO = 2 as ConversationId;

function seq(number: number): Seq {
  return number as Seq;
}

test('[CLASSIC-3] what was sent counts from the next sign of life on, and is told once', () => {
  const positions = new SentPositions();
  positions.sent(ONE, seq(3));
  assert.deepEqual(positions.take(), []);
  positions.received();
  assert.deepEqual(positions.take(), [[ONE, 3]]);
  positions.received();
  assert.deepEqual(positions.take(), []);
});

test('[CLASSIC-3] what was sent after the sign waits for the next one, in each conversation', () => {
  const positions = new SentPositions();
  positions.sent(ONE, seq(1));
  positions.sent(TWO, seq(7));
  positions.received();
  positions.sent(ONE, seq(2));
  assert.deepEqual(positions.take(), [
    [ONE, 1],
    [TWO, 7],
  ]);
  assert.deepEqual(positions.take(), []);
  positions.received();
  assert.deepEqual(positions.take(), [[ONE, 2]]);
});

test('of several signs before it is taken the last one counts', () => {
  const positions = new SentPositions();
  for (const number of [1, 2, 3]) {
    positions.sent(ONE, seq(number));
    positions.received();
  }
  positions.sent(ONE, seq(4));
  assert.deepEqual(positions.take(), [[ONE, 3]]);
});
