import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EntryRing, RingBudget } from '../../src/delivery/entry-ring.ts';
import { entries, entry, seqOf } from './builders.ts';

const ROOMY = 1_000_000;

function ringOf(from: number, to: number, budget = new RingBudget(ROOMY)): EntryRing {
  const ring = new EntryRing(budget);
  for (const one of entries(from, to)) ring.add(one);
  return ring;
}

function seqsFrom(ring: EntryRing, seq: number): number[] | undefined {
  return ring.from(seqOf(seq))?.map((one) => one.seq);
}

test('[DELIV-1] a ring gives what follows an entry that it holds, that one first', () => {
  const ring = ringOf(5, 8);
  assert.deepEqual(seqsFrom(ring, 5), [5, 6, 7, 8]);
  assert.deepEqual(seqsFrom(ring, 8), [8]);
});

test('[DELIV-1] a ring knows nothing of what it does not hold', () => {
  const ring = ringOf(5, 8);
  assert.equal(seqsFrom(ring, 4), undefined);
  assert.equal(seqsFrom(ring, 9), undefined);
  assert.equal(seqsFrom(new EntryRing(new RingBudget(ROOMY)), 1), undefined);
});

test('[LIMIT-1] a ring holds the last 64 entries at least and 127 at most', () => {
  const ring = ringOf(1, 127);
  assert.equal(seqsFrom(ring, 1)?.length, 127);
  ring.add(entry(128));
  assert.equal(seqsFrom(ring, 64), undefined);
  assert.equal(seqsFrom(ring, 65)?.length, 64);
});

test('[LIMIT-1] when the bytes of all rings are used up every ring forgets, and fills again', () => {
  const budget = new RingBudget(2_000);
  const quiet = ringOf(1, 2, budget);
  const loud = ringOf(1, 2, budget);
  loud.add(entry(3, { text: 'x'.repeat(400) }));
  assert.equal(seqsFrom(quiet, 2), undefined);
  assert.deepEqual(seqsFrom(loud, 3), [3], 'what broke the bound is held by itself');
  assert.equal(seqsFrom(loud, 2), undefined);
  quiet.add(entry(3));
  assert.deepEqual(seqsFrom(quiet, 3), [3], 'no hole: what was there before is gone');
});

test('[LIMIT-1] what a ring lets go can be used by others', () => {
  const budget = new RingBudget(2_000);
  const stays = ringOf(1, 1, budget);
  for (let round = 0; round < 20; round += 1) ringOf(1, 3, budget).clear();
  assert.deepEqual(seqsFrom(stays, 1), [1]);
});

test('[LIMIT-1] a ring that was emptied by the bound gives nothing back', () => {
  const budget = new RingBudget(2_000);
  const emptied = ringOf(1, 3, budget);
  ringOf(1, 4, budget);
  const generation = budget.generation;
  emptied.clear();
  budget.take(1_700);
  assert.equal(budget.generation, generation + 1, 'the other ring still counts');
});

test('an emptied ring holds nothing', () => {
  const ring = ringOf(1, 3);
  ring.clear();
  assert.equal(seqsFrom(ring, 3), undefined);
});
