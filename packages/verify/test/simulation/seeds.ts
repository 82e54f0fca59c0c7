import assert from 'node:assert/strict';
import { runRandom } from '../../src/simulation/random-run.ts';

const STEPS = 400;

/** Runs worlds, and tells which of them broke what. */
export async function assertSeeds(seeds: Iterable<number>): Promise<void> {
  const wrong: string[] = [];
  for (const seed of seeds) {
    const complaints = await runRandom({ seed, steps: STEPS });
    if (complaints.length > 0) wrong.push(`seed ${seed}: ${complaints.slice(0, 3).join('; ')}`);
  }
  assert.deepEqual(wrong, []);
}

/** So many seeds from `first` on. */
export function range(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}
