import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIMITS } from '../src/limits.ts';
import { parseFrame } from '../src/parse-frame.ts';

function valueOf(text: string): Record<string, unknown> {
  const parsed = parseFrame(text);
  assert.ok(parsed.ok);
  return parsed.value;
}

const nested = (depth: number, open = '[', close = ']'): string =>
  `{"a":${open.repeat(depth - 1)}${close.repeat(depth - 1)}}`;

test('a JSON object is taken, white space around it too', () => {
  assert.deepEqual(valueOf(' {"id":7,"op":"send"} '), { id: 7, op: 'send' });
});

for (const [what, text] of [
  ['white space', ' '],
  ['null', 'null'],
  ['a number', '7'],
  ['a string', '"x"'],
  ['an array', '[{}]'],
  ['half an object', '{"a":1'],
  ['trailing garbage', '{} x'],
  ['two objects', '{}{}'],
  ['single quotes', "{'a':1}"],
  ['NaN', '{"a":NaN}'],
  ['a raw control character', '{"a":"\u0001"}'],
  ['a bad escape', '{"a":"\\x"}'],
] as const) {
  test(`[WIRE-2] ${what} is malformed`, () => {
    const parsed = parseFrame(text);
    assert.ok(!parsed.ok);
    assert.equal(parsed.code, 'malformed');
  });
}

test('[WIRE-2] a byte order mark is refused by name', () => {
  const parsed = parseFrame('\uFEFF{}');
  assert.ok(!parsed.ok);
  assert.match(parsed.reason, /byte order mark/);
});

test('[WIRE-2] objects may be nested as deep as the limit and no deeper', () => {
  assert.ok(parseFrame(nested(LIMITS.jsonDepth)).ok);
  assert.ok(!parseFrame(nested(LIMITS.jsonDepth + 1)).ok);
  assert.ok(!parseFrame(`{"a":1,"b":${nested(LIMITS.jsonDepth)}}`).ok);
});

test('[WIRE-2] 100,000 nested arrays or objects overflow nothing', () => {
  assert.ok(!parseFrame(nested(32_000)).ok);
  assert.ok(!parseFrame(nested(100_000)).ok);
  assert.ok(!parseFrame(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`).ok);
  assert.ok(!parseFrame('['.repeat(1_000_000)).ok);
});

test('[WIRE-2] `__proto__` changes no prototype and goes no further', () => {
  const value = valueOf('{"__proto__":{"admin":true},"a":{"__proto__":{"admin":true},"b":1},"c":[{"__proto__":1}]}');
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.equal(value['admin'], undefined);
  assert.deepEqual(Object.keys(value), ['a', 'c']);
  assert.equal(Object.getPrototypeOf(Object.assign({}, value['a'])), Object.prototype);
  assert.equal((value['a'] as Record<string, unknown>)['admin'], undefined);
  assert.equal(Object.hasOwn(Object.prototype, 'admin'), false);
});

test('[WIRE-2] keys named like methods of objects are plain fields', () => {
  const value = valueOf('{"constructor":1,"toString":2,"hasOwnProperty":3}');
  assert.deepEqual(Object.entries(value), [
    ['constructor', 1],
    ['toString', 2],
    ['hasOwnProperty', 3],
  ]);
});

test('of duplicate keys the last wins', () => {
  assert.deepEqual(valueOf('{"a":1,"a":2}'), { a: 2 });
});

test('odd numbers and lone surrogates pass, for the fields to judge', () => {
  const value = valueOf('{"a":1e999,"b":-0,"c":9007199254740993,"d":"\\ud800"}');
  assert.equal(value['a'], Number.POSITIVE_INFINITY);
  assert.ok(Object.is(value['b'], -0));
  assert.equal(String(value['d']).isWellFormed(), false);
});

test('[WIRE-2] 100,000 keys and a key of 1 MB are only large', () => {
  const many = `{${Array.from({ length: 100_000 }, (_, index) => `"k${index}":0`).join(',')}}`;
  assert.equal(Object.keys(valueOf(many)).length, 100_000);
  assert.ok(parseFrame(`{"${'k'.repeat(1_000_000)}":0}`).ok);
});
