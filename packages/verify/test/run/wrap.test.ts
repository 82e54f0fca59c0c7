import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wrap } from '../../src/run/wrap.ts';

test('a text is broken between words, before the last column of 80, and all its lines stand below the first', () => {
  const text = Array.from({ length: 40 }, (_, index) => `word${index}`).join(' ');
  const lines = wrap('✔ rule  ', text);
  assert.ok(lines.length > 3);
  for (const line of lines) assert.ok(line.length <= 79, line);
  assert.match(lines[0] ?? '', /^✔ rule {2}word0 /);
  for (const line of lines.slice(1)) assert.match(line, /^ {8}word/);
  assert.equal(lines.map((line) => line.slice(8)).join(' '), text);
});

test('a word that is longer than a line stands alone, and nothing is one empty line', () => {
  const long = 'x'.repeat(100);
  assert.deepEqual(wrap('', `a ${long} b`), ['a', long, 'b']);
  assert.deepEqual(wrap('  ', ''), ['  ']);
});
