import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDelivered, checkLog, checkSent } from './checkers.ts';
import type { Received, Sent } from './device.ts';

function entry(seq: number, clientId = `a-${seq}`): Received {
  return { conversation: 'd1-2', seq, tag: 100 + seq, clientId, kind: 'message' };
}

function sent(number: number, ackedSeq: number | undefined): Sent {
  const fate = { ackedSeq, isCancelled: false, refusal: undefined };
  return { to: '@b', text: '', clientId: `a-${number}`, after: undefined, ...fate };
}

const LOG = [entry(1), entry(2), entry(3)];
const LOGS = new Map([['d1-2', LOG]]);

test('[DELIV-1] the checker sees what was lost, doubled, swapped or made up', () => {
  const check = (received: Received[]): number => checkDelivered({ name: 'ann', received }, LOGS).length;
  assert.equal(check(LOG), 0);
  assert.equal(check([entry(1), entry(3)]), 1);
  assert.equal(check([entry(1), entry(2), entry(2), entry(3)]), 1);
  assert.equal(check([entry(2), entry(1), entry(3)]), 1);
  assert.equal(check([...LOG, entry(4)]), 1);
  assert.equal(check([entry(1), { ...entry(2), tag: 7 }, entry(3)]), 1);
});

test('[ORDER-1] the checker sees holes and doubles in a log', () => {
  assert.deepEqual(checkLog(LOG), []);
  assert.equal(checkLog([entry(1), entry(3)]).length, 1);
  assert.equal(checkLog([entry(1), entry(2, 'a-1')]).length, 1);
});

test('[SEND-1] the checker sees false acknowledgements and words that passed others', () => {
  assert.deepEqual(checkSent([sent(1, 1), sent(2, undefined), sent(3, 3)], [LOG]), []);
  assert.equal(checkSent([sent(9, 9)], [LOG]).length, 1);
  assert.equal(checkSent([sent(1, 2)], [LOG]).length, 1);
  assert.equal(checkSent([sent(2, 2), sent(1, 1)], [LOG]).length, 1);
});

test('[SEND-4] the checker sees what was cancelled and stored all the same', () => {
  const cancelled = { ...sent(2, undefined), isCancelled: true };
  assert.equal(checkSent([cancelled], [LOG]).length, 1);
  assert.deepEqual(checkSent([cancelled], [[entry(1), { ...entry(2), kind: 'cancel' }]]), []);
  assert.deepEqual(checkSent([cancelled], [[entry(1)]]), []);
});
