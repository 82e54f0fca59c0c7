import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toAscii } from '../../src/text/ascii.ts';

test('letters lose their accents, punctuation finds a likeness, the rest is a question mark (C65)', () => {
  assert.equal(toAscii('Ærø, Łódź, Straße'), 'AEro, Lodz, Strasse');
  assert.equal(toAscii('a\u00A0b … ‘x’ • 3×4 ﬁ ①'), "a b ... 'x' * 3x4 fi 1");
  assert.equal(toAscii('漢字 😀'), '?? ?');
  assert.equal(toAscii('␛[2J ␀'), '^[[2J ^@');
});

test('what only attaches itself to a character goes with it', () => {
  assert.equal(toAscii('e\u0301 ❤\uFE0F'), 'e ?');
});
