import assert from 'node:assert/strict';
import test from 'node:test';
import { nearest } from '../../src/state/nearest.ts';

test('a slip of the finger is understood, anything else is not guessed at', () => {
  const words = ['help', 'history', 'goto', 'next'];
  assert.deepEqual(
    ['hepl', 'hist', 'got', 'nxt', 'NEXT', 'passwd', '', 'x'.repeat(9_000)].map((word) => nearest(word, words)),
    ['help', 'history', 'goto', 'next', 'next', undefined, undefined, undefined],
  );
});
