import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../src/limits.ts';
import { checkClassicPassword, checkPassword, checkText } from '../src/text-rules.ts';

function codeOf(text: string): string {
  const check = checkText(text);
  return check.ok ? 'ok' : check.code;
}

test('[WIRE-2] a text has 1 to 8,192 bytes of UTF-8, counted exactly', () => {
  assert.deepEqual(checkText('é'), { ok: true, bytes: 2 });
  for (const unit of ['x', 'é', '😀']) {
    const fits = unit.repeat(LIMITS.textBytes / Buffer.byteLength(unit));
    assert.deepEqual(checkText(fits), { ok: true, bytes: LIMITS.textBytes });
    assert.equal(codeOf(`${fits}x`), 'text_too_long');
  }
});

test('[WIRE-2] a text that shows nothing is refused as empty', () => {
  for (const text of ['', ' ', '\n\t ', '\u00A0\u3000', '\u200B\u2060', '\u3164', '\uFE0F', '\u00AD\u200D']) {
    assert.equal(codeOf(text), 'text_empty', JSON.stringify(text));
  }
});

test('[WIRE-2] a text is well-formed Unicode without U+0000', () => {
  for (const text of ['\uD800', 'a\uDC00', '\uDC00\uD800', 'a\0']) assert.equal(codeOf(text), 'text_malformed');
});

test('every other text is taken as it is: lines, controls, marks', () => {
  for (const text of ['a\nb', '\u001B[2J', '\u0301\u0301', ' x ', '@all '.repeat(1_000), '\uFFFF']) {
    assert.equal(codeOf(text), 'ok', JSON.stringify(text));
  }
});

test('a native password has 8 to 1,024 bytes', () => {
  for (const good of ['12345678', 'éééé', 'x'.repeat(1_024), ' '.repeat(8)]) assert.ok(checkPassword(good).ok);
  for (const bad of ['', '1234567', 'x'.repeat(1_025), `${'é'.repeat(512)}x`, '1234567\uD800']) {
    const check = checkPassword(bad);
    assert.ok(!check.ok);
    assert.equal(check.code, 'bad_password');
  }
});

test('a classic password has 1 to 50 code points', () => {
  for (const good of ['x', 'x'.repeat(50), '😀'.repeat(50)]) assert.ok(checkClassicPassword(good).ok);
  for (const bad of ['', 'x'.repeat(51), '😀'.repeat(51), '\uD800']) assert.ok(!checkClassicPassword(bad).ok);
});
