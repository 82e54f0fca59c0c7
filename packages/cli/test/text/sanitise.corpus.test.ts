import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { breakRows } from '../../src/text/rows.ts';
import { sanitise } from '../../src/text/sanitise.ts';
import { displayWidth } from '../../src/text/width.ts';

/** What it is, the text, what is shown of it on one line, and its width. */
type Case = readonly [what: string, text: string, shown: string, width: number];

const CONTROL_STRINGS: readonly Case[] = [
  ['OSC 0, the title, ended by BEL', '\x1B]0;pwned\x07', '␛]0;pwned␇', 10],
  [
    'OSC 8, a link whose text is another',
    '\x1B]8;;http://evil\x1B\\bank\x1B]8;;\x1B\\',
    '␛]8;;http://evil␛\\bank␛]8;;␛\\',
    29,
  ],
  ['OSC 9, a notice', '\x1B]9;hi\x07', '␛]9;hi␇', 7],
  ['OSC 52, the clipboard', '\x1B]52;c;cm0gLXJm\x07', '␛]52;c;cm0gLXJm␇', 16],
  ['OSC 1337, a file of iTerm2', '\x1B]1337;File=inline=1:AA==\x07', '␛]1337;File=inline=1:AA==␇', 26],
  ['OSC that never ends', '\x1B]52;c;x', '␛]52;c;x', 8],
  ['CSI, a colour', '\x1B[31mred\x1B[0m', '␛[31mred␛[0m', 12],
  ['CSI, the screen cleared', '\x1B[2J\x1B[3J\x1B[H', '␛[2J␛[3J␛[H', 11],
  ['CSI, a report that would be typed', '\x1B[6n\x1B[c\x1B[>q', '␛[6n␛[c␛[>q', 11],
  ['CSI, modes: mouse, paste, alternate screen', '\x1B[?1000h\x1B[?2004l\x1B[?1049h', '␛[?1000h␛[?2004l␛[?1049h', 24],
  ['DCS, a request', '\x1BP$q"p\x1B\\', '␛P$q"p␛\\', 8],
  ['DCS, Sixel', '\x1BPq#0;2;0;0;0~\x1B\\', '␛Pq#0;2;0;0;0~␛\\', 16],
  ['APC, an image of kitty', '\x1B_Gf=100;AAAA\x1B\\', '␛_Gf=100;AAAA␛\\', 15],
  ['PM and SOS', '\x1B^x\x1B\\\x1BXx\x1B\\', '␛^x␛\\␛Xx␛\\', 10],
  ['RIS, a reset', '\x1Bc', '␛c', 2],
  ['another character set', '\x1B(0\x0Eqqq\x0F', '␛(0␎qqq␏', 8],
  ['ESC alone, at the end', 'x\x1B', 'x␛', 2],
  ['tmux pass-through', '\x1BPtmux;\x1B\x1B]52;c;x\x07\x1B\\', '␛Ptmux;␛␛]52;c;x␇␛\\', 19],
];

const C1: readonly Case[] = [
  ['CSI', '\u009B31m', '␛[31m', 5],
  ['OSC and ST', '\u009D0;x\u009C', '␛]0;x␛\\', 7],
  ['DCS, SOS, PM, APC', '\u0090\u0098\u009E\u009F', '␛P␛X␛^␛_', 8],
  ['IND, NEL, RI', '\u0084\u0085\u008D', '␛D␛E␛M', 6],
  ['the first and the last', '\u0080\u009F', '␛@␛_', 4],
  ['the bytes as text, which is what they are', '\u00C2\u009B', 'Â␛[', 3],
];

const LINE_ENDS: readonly Case[] = [
  ['LF, CR and CR LF', 'a\nb\rc\r\nd', 'a␊b␍c␍␊d', 8],
  ['VT and FF', 'a\x0Bb\x0Cc', 'a␋b␌c', 5],
  ['NEL', 'a\u0085b', 'a␛Eb', 4],
  ['LINE SEPARATOR and PARAGRAPH SEPARATOR', 'a\u2028b\u2029c', 'a␤b␤c', 5],
  ['a tab', 'a\tb', 'a␉b', 3],
  ['BS, DEL and NUL', 'ab\b\x7F\0', 'ab␈␡␀', 5],
];

const BIDI: readonly Case[] = [
  ['embeddings', '\u202Aa\u202Bb\u202C', '␦a␦b␦', 5],
  ['overrides', 'user\u202Egnp.exe', 'user␦gnp.exe', 12],
  ['isolates', '\u2066a\u2067b\u2068c\u2069', '␦a␦b␦c␦', 7],
  ['marks', 'a\u200Eb\u200Fc\u061Cd', 'a␦b␦c␦d', 7],
  ['code that reads otherwise (Trojan Source)', 'if (x\u202E \u2066// admin\u2069 \u2066', 'if (x␦ ␦// admin␦ ␦', 19],
  ['deprecated format controls', 'a\u206Ab\u206Fc', 'abc', 3],
];

const INVISIBLE: readonly Case[] = [
  ['ZERO WIDTH SPACE, WORD JOINER, BOM', 'p\u200Ba\u2060y\uFEFF', 'pay', 3],
  ['joiners where nothing joins', '\u200Da\u200C \u200Db', 'a b', 3],
  ['SOFT HYPHEN and COMBINING GRAPHEME JOINER', 'p\u00ADa\u034Fy', 'pay', 3],
  ['Hangul fillers', 'a\u115F\u1160\u3164\uFFA0b', 'ab', 2],
  ['tag characters: hidden words', 'hi\u{E0001}\u{E0068}\u{E0069}\u{E007F}', 'hi', 2],
  ['selectors that select nothing', 'a\uFE0F\u{E0100}\uFE0E', 'a\u{E0100}', 1],
  ['invisible operators', '2\u2062x\u2063y', '2xy', 3],
  ['MONGOLIAN VOWEL SEPARATOR', 'a\u180Eb', 'ab', 2],
];

const MARKS: readonly Case[] = [
  ['three stay', 'e\u0301\u0302\u0303', 'e\u0301\u0302\u0303', 1],
  ['a flood (Zalgo) is cut at three', `Z${'\u0310\u0330\u0489'.repeat(20)}a`, 'Z\u0310\u0330\u0489a', 2],
  [
    'on every letter',
    `H${'\u0336'.repeat(9)}e${'\u0336'.repeat(9)}`,
    `H${'\u0336'.repeat(3)}e${'\u0336'.repeat(3)}`,
    2,
  ],
  ['with nothing to stand on', '\u0301\u0301', '◌\u0301\u0301', 1],
  ['after a control', '\x1B\u0301', '␛\u0301', 1],
  ['with joiners between, to start anew', `e${'\u0301\u200D'.repeat(9)}`, 'e\u0301\u200D\u0301\u200D\u0301', 1],
];

const BROKEN: readonly Case[] = [
  ['half a surrogate pair, either half', '\uD83Dx\uDE00', '�x�', 3],
  ['the halves in the wrong order', '\uDE00\uD83D', '��', 2],
  ['noncharacters', 'a\uFFFEb\uFFFFc\u{10FFFF}d', 'a�b�c�d', 7],
  ['private use: somebody’s logo', '\uF8FF\u{F0000}\u{100000}', '���', 3],
  ['interlinear annotation', '\uFFF9a\uFFFAb\uFFFB', '␦a␦b␦', 5],
];

const KEPT: readonly Case[] = [
  ['a family', '👩‍👩‍👧‍👦', '👩‍👩‍👧‍👦', 2],
  ['a flag of two letters', '🇩🇪', '🇩🇪', 2],
  ['a flag that is joined', '🏳️‍🌈', '🏳️‍🌈', 2],
  ['a colour of skin', '🧑🏽‍🚀', '🧑🏽‍🚀', 2],
  ['a keycap', '1️⃣', '1️⃣', 2],
  ['a heart as an emoji', '❤️', '❤️', 2],
  ['a heart as text', '❤︎', '❤︎', 1],
  ['wide characters', '漢字かなカナ한국어', '漢字かなカナ한국어', 18],
  ['half-width and full-width', 'ｱＡ', 'ｱＡ', 3],
  ['ambiguous characters', '±§°…“”①Ωя│', '±§°…“”①Ωя│', 10],
  ['a variant of a character', '葛\u{E0100}', '葛\u{E0100}', 2],
  ['right to left', 'שלום עולם', 'שלום עולם', 9],
  ['a joiner that a language needs', 'نامه\u200Cای', 'نامه\u200Cای', 6],
  ['spaces of many kinds', 'a\u00A0b\u3000c', 'a\u00A0b\u3000c', 6],
];

for (const [group, cases] of Object.entries({
  CONTROL_STRINGS,
  C1,
  LINE_ENDS,
  BIDI,
  INVISIBLE,
  MARKS,
  BROKEN,
  KEPT,
})) {
  for (const [what, text, shown, width] of cases) {
    test(`[TERM-1] ${group.toLowerCase().replace('_', ' ')}: ${what}`, () => {
      assert.equal(sanitise(text), shown);
      assert.equal(displayWidth(sanitise(text)), width);
    });
  }
}

test('[TERM-1] with `multiline` a line feed, CR LF and tabs are kept as lines and spaces; no other line end is one', () => {
  const shown = sanitise('a\nb\r\nc\rd\x0Be\x0Cf\u0085g\u2028h\u2029i\tj', { multiline: true });
  assert.equal(shown, 'a\nb\nc␍d␋e␌f␛Eg␤h␤i    j');
});

test('[TERM-1] whatever comes in, the width of what goes out is the sum of the widths of its characters', () => {
  const pieces = Object.values({ CONTROL_STRINGS, C1, LINE_ENDS, BIDI, INVISIBLE, MARKS, BROKEN, KEPT }).flat();
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...pieces.map(([, text]) => text))).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (text) => {
      const clean = sanitise(text);
      assert.doesNotMatch(clean, /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]/v);
      const { caret, rows } = breakRows(clean, '', 100_000);
      assert.equal(rows.length, 1);
      assert.equal(caret.column, displayWidth(clean));
    }),
    { numRuns: 2_000 },
  );
});
