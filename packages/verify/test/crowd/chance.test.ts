import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chance } from '../../src/crowd/chance.ts';

test('the same seed gives the same numbers, picks and orders', () => {
  const draw = (seed: number): unknown[] => {
    const chance = new Chance(seed);
    return [
      chance.next(),
      chance.below(100),
      chance.pick(['a', 'b', 'c']),
      chance.shuffle([1, 2, 3, 4]),
      chance.fork().next(),
    ];
  };
  assert.deepEqual(draw(5), draw(5));
  assert.notDeepEqual(draw(5), draw(6));
});

test('a shuffled list holds the same things, and numbers stay in their range', () => {
  const chance = new Chance(1);
  assert.deepEqual(
    chance.shuffle([1, 2, 3, 4, 5]).toSorted((a, b) => a - b),
    [1, 2, 3, 4, 5],
  );
  for (let count = 0; count < 1_000; count += 1) {
    const number = chance.below(7);
    assert.ok(Number.isInteger(number) && number >= 0 && number < 7);
  }
});
