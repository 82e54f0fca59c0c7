import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { checkName, NAME_KEY_MAX_BYTES, NAME_RULE_VERSION, nameKey } from '../src/names.ts';

const anyString = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
  fc
    .array(
      fc.constantFrom(
        ...Array.from('ẞßΣςσİıIiΑ\u0345\u0301\u0307\u0308\u200C\u200D\uFE0Fﬁǆǅ\uFDFA\u2126K가\u1100\u1161\u11A8'),
      ),
    )
    .map((parts) => parts.join('')),
);

for (const same of [
  ['Ärger', 'ärger', 'ÄRGER', 'A\u0308rger'],
  ['STRASSE', 'straße', 'strasse', 'STRAẞE'],
  ['ili', 'ılı', 'ILI'],
  ['ΟΔΟΣ', 'οδος', 'οδοσ'],
  ['K', '\u212A', 'k'],
  ['ann', 'ａｎｎ', 'ANN', '𝐚𝐧𝐧'],
  ['ﬁn', 'fin'],
  ['نامه\u200Cای', 'نامهای'],
  ['❤️', '❤'],
]) {
  test(`[NAME-1] ${same.join(' = ')} (C09, C11)`, () => {
    assert.equal(new Set(same.map((name) => nameKey(name))).size, 1);
  });
}

for (const [one, other] of [
  ['İli', 'ili'],
  ['Ärger', 'Arger'],
  ['😀', '😂'],
  ['A1 ', 'a1'],
  ['ann', 'аnn'],
] as const) {
  test(`[NAME-1] ${one} and ${other} are different names (C09)`, () => {
    assert.notEqual(nameKey(one), nameKey(other));
  });
}

test('[NAME-1] a key is its own key, for every string', () => {
  fc.assert(
    fc.property(anyString, (name) => {
      assert.equal(nameKey(nameKey(name)), nameKey(name));
    }),
    { numRuns: 5_000 },
  );
});

test('[NAME-1] a key is its own key, for every code point, and no code point takes more than 33 bytes in a key', () => {
  for (let code = 0; code <= 0x10_ffff; code++) {
    const key = nameKey(String.fromCodePoint(code));
    if (nameKey(key) !== key || Buffer.byteLength(key) > NAME_KEY_MAX_BYTES / 50) assert.fail(`U+${code.toString(16)}`);
  }
});

test('[NAME-1] the locale of the process takes no part', () => {
  assert.notEqual('I'.toLocaleLowerCase('tr'), nameKey('I'));
  assert.equal(nameKey('TITLE'), 'title');
});

test('[NAME-1] the rule has not changed by accident', () => {
  // Changed on purpose? Raise NAME_RULE_VERSION, migrate the stored keys, and write the new keys here.
  const names = ['Ann', 'Straße ẞ', 'İI', 'ΣΑΣ', 'ﬁ①½', 'e\u0301E\u0301', '\uAC00\u1100\u1161', '漢字 カ', '\uFDFA'];
  assert.equal(NAME_RULE_VERSION, 1);
  assert.deepEqual(names.map(nameKey), [
    'ann',
    'strasse ss',
    'i\u0307i',
    'σας',
    'fi11\u20442',
    'éé',
    '가가',
    '漢字 カ',
    'صلى الله عليه وسلم',
  ]);
});

for (const good of [
  'a',
  'x'.repeat(50),
  '😀'.repeat(50),
  'İ'.repeat(50),
  '\uFDFA'.repeat(50),
  'Ann Lee',
  'a1',
  '1 2',
  "o'neil",
  'نامه\u200Cای',
  'क्\u200Dष',
  '👩\u200D👩\u200D👧\u200D👦',
  '🏳️\u200D🌈',
  '❤️ Família ❤️',
  '1️⃣',
  'Việt',
  'u42',
  'parley2',
]) {
  test(`[NAME-1] ${JSON.stringify(good).slice(0, 30)} is a name`, () => {
    const check = checkName(good);
    assert.ok(check.ok, check.ok ? '' : check.reason);
    assert.equal(check.key, nameKey(good));
    assert.ok(Buffer.byteLength(check.key) <= NAME_KEY_MAX_BYTES);
  });
}

for (const [bad, reason] of [
  ['', /empty/],
  ['x'.repeat(51), /at most 50/],
  ['😀'.repeat(51), /at most 50/],
  ['a\uD800', /surrogate/],
  ['a\u0000b', /control/],
  ['a\nb', /control/],
  ['a\u001B[31m', /control/],
  ['a\u0085', /control/],
  ['a\u2028b', /control/],
  ['a\u2029b', /control/],
  ['a\uE000', /private/],
  ['a\u0378', /unknown/],
  ['a\uFFFF', /unknown/],
  ['a\u202Eb', /invisible/],
  ['a\u2066b', /invisible/],
  ['a\u200Fb', /invisible/],
  ['a\u061Cb', /invisible/],
  ['a\u200Bb', /invisible/],
  ['a\u00ADb', /invisible/],
  ['a\uFEFFb', /invisible/],
  ['\u3164', /invisible/],
  ['a\u034Fb', /invisible/],
  ['🏴\u{E0067}\u{E007F}', /invisible/],
  ['\u200Da', /joiner/],
  ['a\u200D', /joiner/],
  ['a\u200C b', /joiner/],
  ['a \u200Cb', /joiner/],
  ['a\u200C\u200Cb', /joiner/],
  ['1\u200D2', /joiner/],
  ['a\uFE0F', /selector/],
  ['❤\uFE0F\uFE0F', /selector/],
  [' a', /white space/],
  ['a ', /white space/],
  ['a\u00A0', /white space/],
  ['\u3000a', /white space/],
  ['\u2003a', /white space/],
  ['\u2800', /white space/],
  ['\u00A8a', /white space/],
  ['\u0301a', /combining/],
  ['@ann', /@ or #/],
  ['#lunch', /@ or #/],
  ['＠ann', /@ or #/],
  ['﹟lunch', /@ or #/],
  ['a:b', /: or \//],
  ['a/b', /: or \//],
  ['a：b', /: or \//],
  ['℀', /: or \//],
  ['42', /digits/],
  ['٤٢', /digits/],
  ['４２', /digits/],
  ['①²', /digits/],
  ['1\uFE0F', /digits/],
  ['৪2', /digits/],
] as const) {
  test(`[NAME-1] ${JSON.stringify(bad).slice(0, 30)} is refused: ${reason.source} (C11)`, () => {
    const check = checkName(bad);
    assert.ok(!check.ok);
    assert.equal(check.code, 'bad_name');
    assert.match(check.reason, reason);
  });
}

test('[NAME-1] reserved words are refused in every spelling (C11)', () => {
  for (const word of ['parley', 'system', 'server', 'admin', 'console', 'all', 'here', 'everyone']) {
    for (const name of [word, word.toUpperCase(), fullWidth(word), `${word[0]}\u200C${word.slice(1)}`]) {
      const check = checkName(name);
      assert.ok(!check.ok, name);
      assert.match(check.reason, /reserved/);
    }
  }
});

test('[NAME-1] log-in folds names that today’s rules refuse (C13)', () => {
  assert.equal(nameKey(' Bob '), ' bob ');
  assert.equal(nameKey('42'), '42');
  assert.equal(nameKey('@Ann:x'), '@ann:x');
  assert.equal(nameKey(''), '');
  assert.equal(nameKey('\uD800A'), '\uD800a');
});

test('[NAME-1] no string makes the check throw, and what it takes has a key', () => {
  fc.assert(
    fc.property(anyString, (name) => {
      const check = checkName(name);
      if (check.ok) assert.notEqual(check.key, '');
      else assert.notEqual(check.reason, '');
    }),
    { numRuns: 2_000 },
  );
});

function fullWidth(word: string): string {
  return word.replace(/[a-z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0x20 + 0xff00));
}
