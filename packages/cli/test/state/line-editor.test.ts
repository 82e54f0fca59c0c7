import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { cleanPaste, type Editing, edit, type Key, NOTHING_TYPED } from '../../src/state/line-editor.ts';

/** A text with its caret at `|`. */
function at(text: string): Editing {
  const caret = text.indexOf('|');
  return { text: text.replace('|', ''), caret, cut: '' };
}

function press(now: Editing, ...keys: readonly string[]): Editing {
  return keys.reduce((state, name) => edit(state, keyOf(name)) ?? state, now);
}

function keyOf(name: string): Key {
  const [, modifiers = '', bare = ''] = /^((?:[CM]-)*)(.+)$/u.exec(name) ?? [];
  return {
    name: bare,
    ctrl: modifiers.includes('C-'),
    meta: modifiers.includes('M-'),
    sequence: modifiers === '' ? bare : '',
  };
}

function shown({ text, caret }: Editing): string {
  return `${text.slice(0, caret)}|${text.slice(caret)}`;
}

for (const [before, keys, after] of [
  ['one two|', ['C-a'], '|one two'],
  ['|one two', ['C-e'], 'one two|'],
  ['one |two', ['C-k'], 'one |'],
  ['one |two', ['C-u'], '|two'],
  ['one two |', ['C-w'], 'one |'],
  ['one-two|', ['C-w'], '|'],
  ['one-two|', ['M-backspace'], 'one-|'],
  ['one two|', ['M-b', 'M-b'], '|one two'],
  ['|one, two', ['M-f', 'M-f'], 'one, two|'],
  ['one |two', ['M-d'], 'one |'],
  ['one |two', ['C-k', 'C-a', 'C-y'], 'two|one '],
  ['a|b', ['left', 'x'], 'x|ab'],
  ['a|b', ['C-d'], 'a|'],
  ['a|', ['delete', 'right'], 'a|'],
  ['|a', ['backspace', 'left'], '|a'],
  ['a|', ['M-return', 'b'], 'a\nb|'],
  ['no key|', ['C-x', 'M-z'], 'no key|'],
] as const) {
  test(`${before} + ${keys.join(' ')} = ${after}`, () => {
    assert.equal(shown(press(at(before), ...keys)), after);
  });
}

test('[CLI-4] one step, and one Backspace, is one visible character (C53)', () => {
  for (const character of ['漢', 'e\u0301', '👩‍👩‍👧‍👦', '🏳️‍🌈', '🇩🇪', '❤️', '한', 'क्‍ष', '🧑🏽‍🚀']) {
    assert.equal(shown(press(at(`a${character}|`), 'backspace')), 'a|', character);
    assert.equal(shown(press(at(`a|${character}b`), 'delete')), 'a|b', character);
    assert.equal(shown(press(at(`a|${character}b`), 'right')), `a${character}|b`, character);
    assert.equal(shown(press(at(`a${character}|b`), 'left')), `a|${character}b`, character);
  }
});

test('no keys put the caret outside the text, or cut a surrogate pair', () => {
  const keys = [
    'left',
    'right',
    'C-w',
    'M-b',
    'M-f',
    'M-d',
    'C-k',
    'C-y',
    'backspace',
    'delete',
    'a',
    ' ',
    '漢',
    '👩',
    '\u200D',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...keys), { maxLength: 60 }), (pressed) => {
      const { text, caret } = press(NOTHING_TYPED, ...pressed);
      assert.ok(caret >= 0 && caret <= text.length);
      assert.ok(text.slice(0, caret).isWellFormed() && text.slice(caret).isWellFormed());
    }),
  );
});

test('[TERM-1] what is pasted keeps its lines and loses its controls', () => {
  assert.equal(cleanPaste('one\r\n\ttwo\rthree\n\n'), 'one\n    two\nthree');
  assert.equal(cleanPaste('\x1B]52;c;x\x07\u009B31mred\0'), ']52;c;x31mred');
});
