import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MUTANTS } from './mutants.ts';
import { simulate } from './run-main.ts';

/** Each is found within the first few hundred; see docs/VERIFICATION.md. */
const SEEDS = 1_000;

for (const mutant of MUTANTS) {
  test(`${mutant.promises} the simulation finds: ${mutant.name}`, async () => {
    const output = await simulate(['--seeds', String(SEEDS), '--until', mutant.rules.join(',')], mutant);
    const rules = mutant.rules.filter((rule) => output.includes(`  ${rule}: `));
    assert.notDeepEqual(rules, [], `no rule of ${mutant.rules.join(', ')} was broken:\n${output}`);
  });
}
