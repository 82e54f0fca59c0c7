import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { sanitise } from '../../src/text/sanitise.ts';
import { displayWidth, padEnd, truncate } from '../../src/text/width.ts';

test('widths are those of terminals (C53)', () => {
  for (const [text, columns] of [
    ['', 0],
    ['abc', 3],
    ['漢', 2],
    ['❤️', 2],
    ['👩‍👩‍👧‍👦', 2],
    ['🏳️‍🌈', 2],
    ['🇩🇪', 2],
    ['e\u0301', 1],
    ['한국', 4],
  ] as const) {
    assert.equal(displayWidth(text), columns, text);
  }
});

test('truncate never exceeds its columns, never cuts a grapheme, and leaves what fits alone', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }).map((text) => sanitise(text)),
      fc.nat(40),
      (text, columns) => {
        const cut = truncate(text, columns);
        assert.ok(displayWidth(cut) <= columns);
        if (displayWidth(text) <= columns) assert.equal(cut, text);
        else assert.ok(text.startsWith(cut.slice(0, -1)));
      },
    ),
  );
});

test('truncate at the edge (C53)', () => {
  assert.equal(truncate('漢字漢字', 5), '漢字…');
  assert.equal(truncate('漢字漢字', 4), '漢…');
  assert.equal(truncate('abcd', 3), 'ab…');
  assert.equal(truncate('abc', 3), 'abc');
  assert.equal(truncate('漢', 1), '…');
  assert.equal(truncate('漢', 0), '');
  assert.equal(truncate('👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 3), '👩‍👩‍👧‍👦…');
  assert.equal(truncate('abcdef', 5, '...'), 'ab...');
  assert.equal(truncate('abcdef', 2, '...'), '..');
});

test('padEnd fills up to the column, and leaves longer lines alone', () => {
  assert.equal(padEnd('漢', 4), '漢  ');
  assert.equal(padEnd('abc', 2), 'abc');
});

test('truncate reads no more of a long line than it shows', () => {
  const startMs = performance.now();
  for (let i = 0; i < 100; i++) truncate('漢'.repeat(20_000), 40);
  assert.ok(performance.now() - startMs < 2_000);
});
