import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asGroupId, asOrd, asSeq, asTag, asUserId } from '../src/ids.ts';

const NO_INTEGERS = [
  undefined,
  null,
  '7',
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  -0,
  7n,
  [7],
  {},
  true,
  2 ** 53,
];

test('[WIRE-2] user and group ids are integers from 1 to 2^31 - 1', () => {
  for (const as of [asUserId, asGroupId]) {
    for (const good of [1, 42, 2 ** 31 - 1]) assert.equal(as(good), good);
    for (const bad of [...NO_INTEGERS, 0, 2 ** 31]) assert.equal(as(bad), undefined);
  }
});

test('[WIRE-2] seq and ord are safe integers from 0', () => {
  for (const as of [asSeq, asOrd]) {
    for (const good of [0, 1, Number.MAX_SAFE_INTEGER]) assert.equal(as(good), good);
    for (const bad of NO_INTEGERS) assert.equal(as(bad), undefined);
  }
});

test('[WIRE-2] a tag is an unsigned integer of 32 bits', () => {
  for (const good of [0, 2 ** 32 - 1]) assert.equal(asTag(good), good);
  for (const bad of [...NO_INTEGERS, 2 ** 32]) assert.equal(asTag(bad), undefined);
});
