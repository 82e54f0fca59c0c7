import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printable } from '../../src/run/printable.ts';
import { wrap } from '../../src/run/wrap.ts';

test('[TERM-1] what acts on a terminal, hides, or begins a line of its own is shown as something else', () => {
  for (const harm of ['\u001B[2J', '\u009B2J', '\r', '\n', '\u2028', '\u202E', '\u200B', '\uD800', '\u{E0041}']) {
    const shown = printable(`a${harm}b`);
    assert.match(shown, /^a\uFFFD/u);
    assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
  }
  assert.equal(printable(`e${'\u0301'.repeat(20)}`), `e${'\u0301'.repeat(3)}`);
  assert.equal(printable('✔ 1,234 messages · “ä” 你好'), '✔ 1,234 messages · “ä” 你好');
});

test('[TERM-1] a line that is wrapped cannot be made to begin another', () => {
  assert.deepEqual(wrap('✖ ', 'refused: x\nforged: y'), ['✖ refused: x\uFFFDforged: y']);
});
