import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  classicFrameBytes,
  classicName,
  clipClassicText,
  formatClassicTime,
  jsonBytes,
  splitClassicText,
} from '../src/classic-text.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 2_000 }),
  fc.array(fc.nat(0xffff), { maxLength: 2_000 }).map((units) => String.fromCharCode(...units)),
  fc
    .array(fc.constantFrom('"', '\\', '\n', '\u0001', '😀', '👩\u200D👩', 'e\u0301', 'x'), { maxLength: 2_000 })
    .map((all) => all.join('')),
);

test('a text that fits is one part, unnumbered', () => {
  assert.deepEqual(splitClassicText('', 32), ['']);
  assert.deepEqual(splitClassicText('x'.repeat(32), 32), ['x'.repeat(32)]);
  assert.deepEqual(splitClassicText('"'.repeat(16), 32), ['"'.repeat(16)]);
});

test('[CLASSIC-1] a text that does not fit becomes numbered parts', () => {
  const parts = splitClassicText('x'.repeat(60), 32);
  assert.deepEqual(parts, [`(1/3) ${'x'.repeat(26)}`, `(2/3) ${'x'.repeat(26)}`, `(3/3) ${'x'.repeat(8)}`]);
});

test('[CLASSIC-1] parts fit with their escapes, are well-formed, and joined they are the text', () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: 32, max: 600 }), (text, maxBytes) => {
      const parts = splitClassicText(text, maxBytes);
      for (const part of parts) {
        assert.ok(jsonBytes(part) - 2 <= maxBytes);
        assert.ok(part.isWellFormed());
      }
      const bare = parts.length === 1 ? parts : parts.map((part) => part.replace(/^\(\d+\/\d+\) /, ''));
      assert.equal(bare.join(''), text.toWellFormed());
      if (parts.length > 1) {
        parts.forEach((part, index) => assert.ok(part.startsWith(`(${index + 1}/${parts.length}) `)));
      }
    }),
  );
});

test('[CLASSIC-1] every code point is measured as JSON writes it', () => {
  // Sixteen of one kind fill the room for sixteen of their size to the last byte.
  const codes = Array.from({ length: 0x900 }, (_, code) => code);
  for (const code of [...codes, 0x2028, 0xd7ff, 0xd800, 0xe000, 0xffff, 0x1_0000, 0x10_ffff]) {
    const character = String.fromCodePoint(code).toWellFormed();
    const room = 16 * (jsonBytes(character) - 2);
    if (room < 32) continue;
    if (clipClassicText(character.repeat(17), room).length !== 16 * character.length)
      assert.fail(`U+${code.toString(16)}`);
  }
});

test('cuts leave graphemes whole, unless one alone does not fit', () => {
  const family = '👩\u200D👩\u200D👧\u200D👦';
  const parts = splitClassicText(family.repeat(3), 40);
  assert.deepEqual(parts, [`(1/3) ${family}`, `(2/3) ${family}`, `(3/3) ${family}`]);
  const tower = splitClassicText(`e${'\u0301'.repeat(40)}`, 40);
  assert.ok(tower.length > 1);
  assert.ok(tower.every((part) => jsonBytes(part) <= 42));
});

test('eight KiB in ten and more parts are numbered with room for two digits', () => {
  const parts = splitClassicText('"'.repeat(8_192), 800);
  assert.equal(parts.length, 21);
  assert.ok(parts.every((part) => jsonBytes(part) - 2 <= 800));
  assert.ok(parts[20]?.startsWith('(21/21) '));
});

test('a limit without room for text is a mistake of the caller', () => {
  assert.throws(() => splitClassicText('x', 31), RangeError);
});

test('a frame is measured with its escapes and its NUL', () => {
  assert.equal(classicFrameBytes({ a: 'é"' }), Buffer.byteLength('{"a":"é\\""}') + 1);
});

test('a name is cut at 50 code points and made well-formed', () => {
  assert.equal(classicName('ann'), 'ann');
  assert.equal(classicName('😀'.repeat(60)), '😀'.repeat(50));
  assert.equal(classicName('a\uD800'), 'a\uFFFD');
});

test('a reason is clipped, not split', () => {
  assert.equal(clipClassicText('x'.repeat(50), 32), 'x'.repeat(32));
  assert.equal(clipClassicText('', 32), '');
});

test('time is YYYY-MM-DD HH:MM:SS in local time (C63)', () => {
  const local = new Date(2026, 0, 2, 3, 4, 5, 678);
  assert.equal(formatClassicTime(local.getTime()), '2026-01-02 03:04:05');
  assert.match(formatClassicTime(0), /^(1969-12-31|1970-01-01) \d\d:\d\d:00$/);
});
