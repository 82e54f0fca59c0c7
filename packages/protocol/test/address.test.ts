import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  directBetween,
  formatConversation,
  isLongerThanNames,
  parseAddress,
  parseConversation,
  parsePerson,
} from '../src/address.ts';
import type { UserId } from '../src/ids.ts';
import { LIMITS } from '../src/limits.ts';
import { checkName } from '../src/names.ts';

const MAX_ID = 2 ** 31 - 1;

test('an address is @name, #name, u42, g7 or d17-42', () => {
  assert.deepEqual(parseAddress('@ann'), { kind: 'userName', name: 'ann' });
  assert.deepEqual(parseAddress('#the lunch'), { kind: 'groupName', name: 'the lunch' });
  assert.deepEqual(parseAddress('u42'), { kind: 'user', id: 42 });
  assert.deepEqual(parseAddress(`g${MAX_ID}`), { kind: 'group', id: MAX_ID });
  assert.deepEqual(parseAddress('d17-42'), { kind: 'direct', low: 17, high: 42 });
});

test('[WIRE-2] every number has one spelling, and nothing else is an address', () => {
  const bad = [
    '',
    '@',
    '#',
    'ann',
    '42',
    'u',
    'u0',
    'u042',
    'u-1',
    'u+1',
    'u1.0',
    'u1e3',
    'U42',
    'u 42',
    'u42 ',
    'u42\n',
  ];
  bad.push(
    'g',
    'g0',
    `u${MAX_ID + 1}`,
    'u99999999999',
    'd17',
    'd17-',
    'd42-17',
    'd17-17',
    'd0-17',
    'd017-42',
    'd1-2-3',
  );
  bad.push('u٤٢', 'u４２', 'x7', `d1-${MAX_ID + 1}`);
  for (const text of bad) assert.equal(parseAddress(text), undefined, JSON.stringify(text));
});

test('a conversation reads back as it was written', () => {
  const id = fc.integer({ min: 1, max: MAX_ID }).map((number) => number as UserId);
  fc.assert(
    fc.property(id, id, (one, other) => {
      fc.pre(one !== other);
      const direct = directBetween(one, other);
      assert.ok(direct);
      assert.deepEqual(direct, directBetween(other, one));
      assert.deepEqual(parseConversation(formatConversation(direct)), direct);
      const group = parseConversation(`g${one}`);
      assert.ok(group);
      assert.equal(formatConversation(group), `g${one}`);
    }),
  );
});

test('only groups and pairs are conversations; nobody is a pair with oneself', () => {
  for (const text of ['@ann', '#lunch', 'u42', 'x']) assert.equal(parseConversation(text), undefined);
  assert.equal(directBetween(7 as UserId, 7 as UserId), undefined);
});

test('a person is @name, name, u42, 42 or the number', () => {
  assert.deepEqual(parsePerson('@u42'), { kind: 'userName', name: 'u42' });
  assert.deepEqual(parsePerson('ann'), { kind: 'userName', name: 'ann' });
  for (const value of ['u42', '42', 42]) assert.deepEqual(parsePerson(value), { kind: 'user', id: 42 });
  for (const value of ['', '@', '#lunch', 0, -1, 1.5, MAX_ID + 1, '99999999999999']) {
    assert.equal(parsePerson(value)?.kind === 'user', false, String(value));
  }
  for (const value of ['', '@', '#lunch', 0, String(MAX_ID + 1)]) assert.equal(parsePerson(value), undefined);
});

test('the longest names are within the bound however they are composed, with their sign', () => {
  for (const character of ['x', '😀', 'ᾧ', '한']) {
    const name = character.repeat(LIMITS.nameCodePoints);
    assert.equal(checkName(name).ok, true);
    assert.equal(isLongerThanNames(`@${name.normalize('NFD')}`), false, character);
  }
  assert.equal(isLongerThanNames('x'.repeat(LIMITS.spelledNameUnits + 1)), true);
});
