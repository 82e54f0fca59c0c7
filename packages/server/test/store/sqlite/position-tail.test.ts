import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConversationId } from '../../../src/chat/ports/records.ts';
import { PositionTail } from '../../../src/store/sqlite/position-tail.ts';

const [one, other] = [1 as ConversationId, 2 as ConversationId];

function filled(): PositionTail {
  const tail = new PositionTail();
  tail.add(one, 7, 100);
  tail.add(other, 1, 101);
  tail.add(one, 8, 102);
  tail.add(one, 9, 103);
  return tail;
}

test('positions are found by seq, and the last one without', () => {
  const tail = filled();
  assert.deepEqual(
    [6, 7, 9, 10].map((seq) => tail.at(one, seq)),
    [undefined, 100, 103, undefined],
  );
  assert.equal(tail.last(one), 103);
  assert.equal(tail.last(3 as ConversationId), undefined);
  assert.equal(tail.size, 4);
});

test('a hole is a mistake of ours, and is not passed over', () => {
  assert.throws(() => filled().add(one, 11, 104), /does not follow 9/);
});

test('what is taken is gone', () => {
  const tail = filled();
  assert.deepEqual(tail.take(one), { first: 7, positions: [100, 102, 103] });
  assert.equal(tail.take(one), undefined);
  assert.equal(tail.size, 1);
  assert.equal(tail.at(one, 7), undefined);
});

test('what lies below a position can be dropped', () => {
  const tail = filled();
  tail.dropBelow(102);
  assert.equal(tail.size, 2);
  assert.deepEqual(tail.run(one), { first: 8, positions: [102, 103] });
  assert.equal(tail.run(other), undefined);
});
