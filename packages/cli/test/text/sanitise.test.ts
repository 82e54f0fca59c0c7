import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { sanitise } from '../../src/text/sanitise.ts';

const anything = fc.oneof(
  fc.string({ unit: 'binary' }),
  // UTF-16 units of any kind, so that surrogates stand alone as well.
  fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
  // What is dangerous, thick: C0, C1, joiners, marks, bidi, selectors, jamo, tags.
  fc.array(fc.constantFrom(...dangerous()), { maxLength: 200 }).map((parts) => parts.join('')),
);

test('[TERM-1] nothing outside the allowed set comes out, whatever goes in', () => {
  const allowed =
    /^[[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}\p{Cf}]--[\p{Bidi_Control}\p{Cc}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}]]*$/v;
  const invisible = /[\p{Default_Ignorable_Code_Point}--[\p{Join_Control}\p{Variation_Selector}]]/v;
  fc.assert(
    fc.property(anything, (text) => {
      const clean = sanitise(text);
      assert.match(clean, allowed);
      assert.doesNotMatch(clean, invisible);
      assert.ok(clean.isWellFormed());
    }),
    { numRuns: 2_000 },
  );
});

test('[TERM-1] with `multiline` line feeds come out and nothing else of that kind', () => {
  fc.assert(
    fc.property(anything, (text) => {
      assert.doesNotMatch(sanitise(text, { multiline: true }), /[\p{Cc}--\n]/v);
    }),
  );
});

test('[TERM-1] with `ascii` only printable ASCII comes out (C65)', () => {
  fc.assert(
    fc.property(anything, fc.boolean(), (text, multiline) => {
      assert.match(sanitise(text, { ascii: true, multiline }), multiline ? /^[\x20-\x7E\n]*$/ : /^[\x20-\x7E]*$/);
    }),
    { numRuns: 1_000 },
  );
});

test('[TERM-1] no code point acts on the terminal, alone or between letters', () => {
  for (let code = 0; code <= 0x10_ffff; code++) {
    const clean = sanitise(`a${String.fromCodePoint(code)}b`);
    if (/[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Bidi_Control}]/v.test(clean)) assert.fail(`U+${code.toString(16)}`);
  }
});

test('[TERM-1] a text that was sanitised stays as it is', () => {
  fc.assert(
    fc.property(anything, (text) => {
      assert.equal(sanitise(sanitise(text)), sanitise(text));
    }),
    { numRuns: 1_000 },
  );
});

test('[TERM-1] at most three combining marks stand on one character', () => {
  fc.assert(
    fc.property(anything, (text) => {
      assert.doesNotMatch(sanitise(text), /[\p{M}--\p{Variation_Selector}]{4}/v);
    }),
    { numRuns: 1_000 },
  );
});

for (const [what, hostile, shown] of [
  ['CSI colours', 'a\x1B[31mred', 'a␛[31mred'],
  ['a window title', '\x1B]0;pwned\x07', '␛]0;pwned␇'],
  ['the clipboard (OSC 52)', '\x1B]52;c;cm0=\x1B\\', '␛]52;c;cm0=␛\\'],
  ['a link (OSC 8)', '\x1B]8;;http://evil\x1B\\x', '␛]8;;http://evil␛\\x'],
  ['a device string (DCS)', '\x1BP$q"p\x1B\\', '␛P$q"p␛\\'],
  ['C1 forms of the same', '\u009B2J\u009D0;x\u009C', '␛[2J␛]0;x␛\\'],
  ['a carriage return that overwrites', 'safe\rEVIL', 'safe␍EVIL'],
  ['backspaces', 'rm\b\bls', 'rm␈␈ls'],
  ['DEL and NUL', '\x7F\0', '␡␀'],
  ['line separators', 'a\u2028b\u2029c', 'a␤b␤c'],
  ['bidi overrides and isolates', 'user\u202Egnp.exe\u2066x\u2069\u200F', 'user␦gnp.exe␦x␦␦'],
  ['lone surrogates', '\uD800x\uDC00', '�x�'],
  ['private use', 'a\uE0A0b', 'a�b'],
  ['hidden tags', 'hi\u{E0069}\u{E0067}', 'hi'],
  ['soft hyphens, zero-width spaces, fillers', 'p\u00ADa\u200By\u3164\uFEFF', 'pay'],
  ['a mark with nothing to stand on', '\u0301x', '◌\u0301x'],
  ['forty marks', `e${'\u0301'.repeat(40)}!`, 'e\u0301\u0301\u0301!'],
  ['joiners at the ends and beside spaces', '\u200Da\u200D \u200Cb\u200C', 'a b'],
  ['a pile of leading jamo', '\u1100'.repeat(5), '\u1100\u1100\u1100\uFFFD\u1100'],
] as const) {
  test(`[TERM-1] ${what} become visible and harmless`, () => {
    assert.equal(sanitise(hostile), shown);
  });
}

test('writing that people use is left as it is', () => {
  for (const text of [
    'plain ASCII ~ {}',
    'Ünïcödé',
    'Việt Nam',
    '漢字かなカナ한국어',
    'שלום עולם',
    'نامه\u200Cای',
    'क्\u200Dष',
    '❤️ 1️⃣ 🏳️\u200D🌈',
    '👩\u200D👩\u200D👧\u200D👦',
    '🧑🏽\u200D🚀',
    '🇩🇪',
    '葛\u{E0100}城',
    '( ͡° ͜ʖ ͡°)',
    '﷽',
  ]) {
    assert.equal(sanitise(text), text);
  }
});

test('`multiline` keeps lines, takes CR LF for one end and turns tabs into spaces', () => {
  assert.equal(sanitise('a\r\nb\tc\n\rd', { multiline: true }), 'a\nb    c\n␍d');
  assert.equal(sanitise('a\n\u0301b', { multiline: true }), 'a\n◌\u0301b');
  assert.equal(sanitise('a\nb\tc'), 'a␊b␉c');
});

test('`ascii` writes likenesses, and ^[ for ESC (C65)', () => {
  assert.equal(sanitise('café – “½” ¿漢?', { ascii: true }), 'cafe - "1/2" ???');
  assert.equal(sanitise('\x1B[0m\u009B\x7F', { ascii: true }), '^[[0m^[[^?');
});

test('[TERM-1] 64 KiB of the worst take milliseconds', () => {
  for (const worst of ['\x1B', '\u0301', '\u200D', '👩\u200D', '\u1100', '\uD800', '\n', 'é\u0301\u202E', ' \uFE0F']) {
    const text = worst.repeat(65_536 / worst.length);
    const startMs = performance.now();
    sanitise(text);
    sanitise(text, { multiline: true, ascii: true });
    const tookMs = performance.now() - startMs;
    // Alone it takes below 20 ms; quadratic work would take minutes.
    assert.ok(tookMs < 2_000, `${JSON.stringify(worst)} took ${tookMs} ms`);
  }
});

function dangerous(): string[] {
  const codes = [0x00, 0x0a, 0x0d, 0x09, 0x1b, 0x7f, 0x80, 0x9b, 0x9d, 0xad, 0x300, 0x301, 0x34f, 0x600, 0x61c, 0x1100];
  codes.push(0x115f, 0x1161, 0x11a8, 0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x2028, 0x202e, 0x2066, 0x2069, 0x206a);
  codes.push(0x20e3, 0x2764, 0x3164, 0xd800, 0xdc00, 0xe000, 0xfe00, 0xfe0e, 0xfe0f, 0xfeff, 0xfff9, 0xfffd, 0xffff);
  codes.push(
    0x1_f469,
    0x1_f3fd,
    0x1_f1e6,
    0xe_0041,
    0xe_0100,
    0x10_ffff,
    0x41,
    0x31,
    0x20,
    0x6f22,
    0x627,
    0x915,
    0x94d,
  );
  return codes.map((code) => String.fromCodePoint(code));
}
