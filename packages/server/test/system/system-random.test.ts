import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSystemRandom } from '../../src/system/system-random.ts';

test('tags are unsigned, never 0, and do not repeat by accident', () => {
  const random = createSystemRandom();
  const tags = Array.from({ length: 5_000 }, () => random.tag());
  assert.ok(tags.every((tag) => Number.isInteger(tag) && tag >= 1 && tag < 2 ** 32));
  // 5,000 of 2^32 collide with a chance of 0.3 %; ten of them never.
  assert.ok(new Set(tags).size > tags.length - 10);
  assert.ok(tags.some((tag) => tag >= 2 ** 31));
});

test('tokens are 32 bytes in base64url', () => {
  const random = createSystemRandom();
  assert.match(random.token(), /^[\w-]{43}$/);
  assert.notEqual(random.token(), random.token());
});
