import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WriteQueue } from '../../src/net/write-queue.ts';

function queueOf(...texts: string[]): WriteQueue {
  const queue = new WriteQueue();
  for (const text of texts) queue.add(Buffer.from(text));
  return queue;
}

test('frames come out joined, in order, up to the size asked for', () => {
  const queue = queueOf('aa', 'bbb', 'c', 'dddd');
  assert.equal(queue.bytes, 10);
  assert.equal(queue.takeJoined(6).toString(), 'aabbbc');
  assert.equal(queue.bytes, 4);
  queue.add(Buffer.from('e'));
  assert.equal(queue.takeJoined(6).toString(), 'dddde');
  assert.equal(queue.isEmpty, true);
});

test('a frame that is alone is not copied, because others share it; one that is too large comes alone', () => {
  const shared = Buffer.from('shared');
  const queue = new WriteQueue();
  queue.add(shared);
  assert.equal(queue.takeJoined(100), shared);
  queue.add(shared);
  queue.add(Buffer.from('x'));
  assert.equal(queue.takeJoined(3), shared);
  assert.equal(queue.takeJoined(3).toString(), 'x');
});

test('one at a time, whatever waits', () => {
  const queue = queueOf('a', '', 'b');
  assert.equal(queue.takeOne().toString(), 'a');
  assert.equal(queue.takeOne().toString(), 'b');
  assert.equal(queue.isEmpty, true);
});
