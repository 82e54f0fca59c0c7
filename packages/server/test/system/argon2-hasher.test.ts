import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Argon2Hasher } from '../../src/system/argon2-hasher.ts';

const LIMITS = { concurrency: 2, queue: 200 };

test('[AUTH-1] a password fits its own hash only, and no two hashes are equal', async () => {
  const hasher = new Argon2Hasher(LIMITS);
  const hash = await hasher.hash('correct horse');
  assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  assert.notEqual(await hasher.hash('correct horse'), hash);
  assert.equal(await hasher.verify('correct horse', hash), true);
  assert.equal(await hasher.verify('correct horsf', hash), false);
});

test('[AUTH-1] nobody, an empty hash and a foreign one are refused like a wrong password', async () => {
  const hasher = new Argon2Hasher(LIMITS);
  assert.equal(await hasher.verify('x', undefined), false);
  assert.equal(await hasher.verify('', ''), false);
  assert.equal(await hasher.verify('plain', 'plain'), false);
});

test('a hash of another program is understood', async () => {
  // From the tests of the reference implementation, phc-winner-argon2 (src/test.c).
  const hash = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  assert.equal(await new Argon2Hasher(LIMITS).verify('password', hash), true);
});

test('[AUTH-1] an unknown user takes as long as a wrong password', async () => {
  const hasher = new Argon2Hasher(LIMITS);
  const hash = await hasher.hash('x');
  const wrong: number[] = [];
  const unknown: number[] = [];
  for (let round = 0; round < 9; round += 1) {
    wrong.push(await time(() => hasher.verify('y', hash)));
    unknown.push(await time(() => hasher.verify('y', undefined)));
  }
  const ratio = median(wrong) / median(unknown);
  assert.ok(ratio > 0.5 && ratio < 2, `ratio ${ratio}`);
});

test('[LIMIT-1] more log-ins than may wait are answered busy, with when to come back; the others get their turn', async () => {
  const hasher = new Argon2Hasher({ concurrency: 1, queue: 2 });
  const results = await Promise.allSettled(Array.from({ length: 5 }, () => hasher.hash('x')));
  const refused = results.filter((result) => result.status === 'rejected').map((result) => result.reason);
  assert.equal(refused.length, 2);
  for (const error of refused) {
    assert.equal(error.code, 'busy');
    assert.ok(error.retryAfterMs >= 1_000);
  }
  await hasher.hash('again');
});

async function time(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
