import assert from 'node:assert/strict';
import test from 'node:test';
import { toGroup, toPerson, toWhere } from '../src/addresses.ts';

test('the ancestor’s numbers become people and groups', () => {
  assert.deepEqual(['@42', '42', '#7', '@bob', '#lunch', 'u42', 'g7', 'd17-42'].map(toWhere), [
    'u42',
    'u42',
    'g7',
    '@bob',
    '#lunch',
    'u42',
    'g7',
    'd17-42',
  ]);
  assert.deepEqual(['@42', '42', 'bob', '@bob', 'u42'].map(toPerson), ['42', '42', 'bob', '@bob', 'u42']);
  assert.deepEqual(['#7', '7', 'lunch', '#lunch', 'g7'].map(toGroup), ['g7', 'g7', '#lunch', '#lunch', 'g7']);
});

test('[CLI-1] what is longer than any name is wrong usage, however long, and is not shown whole', () => {
  for (const length of [128, 100_000]) {
    const name = '😀'.repeat(length);
    const refusal = /^Failure: .{1,50} is longer than any name\.$/u;
    assert.throws(() => toWhere(`@${name}`), refusal);
    assert.throws(() => toPerson(`@${name}`), refusal);
    assert.throws(() => toGroup(`#${name}`), refusal);
  }
  const decomposed = 'ᾧ'.normalize('NFD').repeat(50);
  assert.equal(decomposed.length, 200);
  assert.equal(toWhere(`@${decomposed}`), `@${decomposed}`);
  assert.equal(toPerson(decomposed), decomposed);
  assert.equal(toGroup(`#${decomposed}`), `#${decomposed}`);
});

test('[CLI-1] what is no address is wrong usage', () => {
  for (const text of ['bob', '', '@', '#', '0', '@0', '99999999999', 'd42-17'])
    assert.throws(() => toWhere(text), /no (address|number)/, text);
  for (const text of ['', '@', '#lunch', '99999999999']) assert.throws(() => toPerson(text), /no person/, text);
});
