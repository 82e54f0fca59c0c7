import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runRandom } from '../../src/simulation/random-run.ts';
import { assertSeeds, range } from './seeds.ts';

/** `npm run simulate -- --seeds N --first M` tries others. */
const PARTS = 8;
const SEEDS = 250;

for (const part of range(0, PARTS)) {
  const first = 1 + part * SEEDS;
  test(`[SEND-1] [SEND-2] [SEND-5] [ORDER-1] [ORDER-2] [DELIV-1] [DELIV-2] [VIS-1] [TAG-1] seeds from ${first} on`, async () => {
    await assertSeeds(range(first, SEEDS));
  });
}

/** Seeds that failed once, and why. */
const FAILED_ONCE: Readonly<Record<number, string>> = {
  26: '[TAG-1] [CLIENT-2] what was acknowledged and then lost by a restore is no fork for ever',
  1223: '[TAG-1] who reads the end of an older copy on a node that knew more does not read it for ever',
};

for (const [seed, name] of Object.entries(FAILED_ONCE)) {
  test(`${name}: seed ${seed}`, async () => {
    await assertSeeds([Number(seed)]);
  });
}

test('a seed is the same world each time', async () => {
  const courses = [];
  for (const _ of [1, 2]) {
    const labels: string[] = [];
    await runRandom({ seed: 77, steps: 400, onStep: (label) => labels.push(label) });
    courses.push(labels);
  }
  assert.deepEqual(courses[0], courses[1]);
});
