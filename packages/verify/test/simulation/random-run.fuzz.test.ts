import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runRandom } from '../../src/simulation/random-run.ts';
import { simulate } from './run-main.ts';

/** `npm run simulate -- --seeds N --first M` tries others. */
const PARTS = 8;
const SEEDS = 250;

for (let first = 1; first < 1 + PARTS * SEEDS; first += SEEDS) {
  test(`[SEND-1] [SEND-2] [SEND-5] [ORDER-1] [ORDER-2] [DELIV-1] [DELIV-2] [VIS-1] [TAG-1] seeds from ${first} on`, async () => {
    await assertSeeds(first, SEEDS);
  });
}

/** Seeds that failed once, and why; 609 and 115006 (a mistake of the simulation) did too. Of earlier worlds: 26, now a mistake in mutants.ts, and 1223. */
const FAILED_ONCE: Readonly<Record<number, string>> = {
  113_232: '[DELIV-1] what was said while one was a member for a moment comes to his devices',
  3582: '[TAG-1] that another database was found is told though the connection breaks just then',
  30_090: '[STATE-1] [TAG-1] half of the private state of a history that is lost is not kept',
};

for (const [seed, name] of Object.entries(FAILED_ONCE)) {
  test(`${name}: seed ${seed}`, async () => {
    await assertSeeds(Number(seed), 1);
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

/** In a process of its own, of which see run-main.ts. */
async function assertSeeds(first: number, count: number): Promise<void> {
  const output = await simulate(['--first', String(first), '--seeds', String(count)]);
  assert.match(output, new RegExp(`^${count} seeds, 0 break a rule; `, 'm'), output);
}
