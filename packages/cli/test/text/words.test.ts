import assert from 'node:assert/strict';
import test from 'node:test';
import { wrapWords } from '../../src/text/words.ts';

test('a line is broken between words, never inside of one, and blanks inside of it stay', () => {
  assert.deepEqual(wrapWords('ab  cd', 6), ['ab  cd']);
  assert.deepEqual(wrapWords('ab  cd ef', 6), ['ab  cd', 'ef']);
  assert.deepEqual(wrapWords('one two three', 7, '  '), ['one two', '  three']);
  assert.deepEqual(wrapWords('longer-than-that x', 6), ['longer-than-that', 'x']);
  assert.deepEqual(wrapWords('漢字 漢字', 8), ['漢字', '漢字']);
  assert.deepEqual(wrapWords('  indented words', 12, '  '), ['  indented', '  words']);
  assert.deepEqual(wrapWords('', 5), ['']);
});
