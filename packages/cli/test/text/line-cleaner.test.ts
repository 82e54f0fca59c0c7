import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineCleaner } from '../../src/text/line-cleaner.ts';

const clean = (line: string): string => new LineCleaner((code) => `<${code}>`).clean(line);

test('controls are written by the caller', () => {
  assert.equal(clean('a\x1B\x85\x7F'), 'a<27><133><127>');
});

test('a joiner is written only between two characters that can be joined', () => {
  assert.equal(clean('ا\u200Cب'), 'ا\u200Cب');
  assert.equal(clean('ا\u200C\u200Cب'), 'ا\u200Cب');
  assert.equal(clean('ا\u200C\u202Eب'), 'ا\u2426ب');
  assert.equal(clean('1\u200D2'), '12');
  assert.equal(clean(`👩${'\u200D👩'.repeat(20)}`).match(/👩(\u200D👩)*/gv)?.length, 3);
});

test('a selector is written only behind what it varies, and once', () => {
  assert.equal(clean('❤\uFE0F\uFE0Fa\uFE0F'), '❤\uFE0Fa');
  assert.equal(clean('葛\u{E0100} \u{E0100}.\uFE0F'), '葛\u{E0100} .');
});

test('syllables in conjoining jamo stay; a pile of one kind does not', () => {
  assert.equal(clean('\u1112\u1161\u11AB\u1100\u116E\u11A8'), '\u1112\u1161\u11AB\u1100\u116E\u11A8');
  assert.equal(clean('\u1161'.repeat(4)), '\u1161\u1161\u1161\uFFFD');
});

test('nothing is carried over to the next line', () => {
  const cleaner = new LineCleaner(() => '');
  assert.equal(cleaner.clean('ا\u200C'), 'ا');
  assert.equal(cleaner.clean('ب'), 'ب');
});
