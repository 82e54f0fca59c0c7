import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countOf, type Listeners, NOBODY, withListener, withoutListener } from '../../src/delivery/listeners.ts';

test('listeners are there once each, whether few or many, and go when they are told to', () => {
  let all: Listeners<number> = NOBODY;
  for (let one = 1; one <= 20; one += 1) {
    all = withListener(withListener(all, one), one);
    assert.deepEqual(
      [...all],
      Array.from({ length: one }, (_, index) => index + 1),
    );
    assert.equal(countOf(all), one);
  }
  for (let one = 1; one <= 20; one += 1) {
    all = withoutListener(withoutListener(all, one), one);
    assert.equal(countOf(all), 20 - one);
  }
  assert.deepEqual([...all], []);
});

test('who goes through them is not disturbed by those who come and go', () => {
  for (const count of [2, 20]) {
    let all: Listeners<number> = NOBODY;
    for (let one = 1; one <= count; one += 1) all = withListener(all, one);
    const met: number[] = [];
    for (const one of all) {
      met.push(one);
      all = withListener(withoutListener(all, one), 1_000 + one);
      if (met.length === count) break;
    }
    assert.deepEqual(
      met,
      Array.from({ length: count }, (_, index) => index + 1),
    );
  }
});
