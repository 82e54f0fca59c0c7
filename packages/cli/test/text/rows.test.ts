import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { breakRows } from '../../src/text/rows.ts';
import { sanitise } from '../../src/text/sanitise.ts';
import { displayWidth } from '../../src/text/width.ts';

for (const [what, before, after, rows, caret] of [
  ['nothing', '', '', [''], '0:0'],
  ['a short text', '> ab', 'c', ['> abc'], '0:4'],
  ['a full row: the caret stands on the next', '> abcd', '', ['> abcd', ''], '1:0'],
  ['a full row with more behind', '> abcd', 'e', ['> abcd', 'e'], '1:0'],
  ['a wide character that does not fit (C53)', '> abc', '漢', ['> abc', '漢'], '1:0'],
  ['a wide character that fits', '> ab', '漢', ['> ab漢'], '0:4'],
  ['line feeds', '> a\nb', '\nc', ['> a', 'b', 'c'], '1:1'],
  ['marks take no column', '> e\u0301', 'x', ['> e\u0301x'], '0:3'],
] as const) {
  test(`rows of six columns: ${what}`, () => {
    const broken = breakRows(before, after, 6);
    assert.deepEqual([broken.rows, `${broken.caret.row}:${broken.caret.column}`], [rows, caret]);
  });
}

test('no row is wider than the terminal, nothing is lost, and the caret is inside', () => {
  const text = fc.string({ unit: 'grapheme' }).map((text) => sanitise(text, { multiline: true }));
  fc.assert(
    fc.property(text, text, fc.integer({ min: 2, max: 12 }), (before, after, columns) => {
      const { rows, caret } = breakRows(before, after, columns);
      for (const row of rows)
        assert.ok(displayWidth(row) <= columns || [...new Intl.Segmenter('en').segment(row)].length === 1);
      assert.equal(rows.join(''), (before + after).replaceAll('\n', ''));
      assert.ok(caret.column < columns && caret.row < rows.length);
    }),
  );
});
