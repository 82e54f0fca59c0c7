import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MUTANTS } from './mutants.ts';
import { simulate } from './run-main.ts';

/** At most; see docs/VERIFICATION.md for those that show each. */
const SEEDS = 600;

for (const { first = 1, ...mutant } of MUTANTS) {
  if (first === 'scopes') continue;
  test(`${mutant.promises} the simulation finds: ${mutant.name}`, async () => {
    const seeds = ['--first', String(first), '--seeds', String(SEEDS)];
    const output = await simulate([...seeds, '--until', mutant.rules.join(',')], mutant);
    const rules = mutant.rules.filter((rule) => output.includes(`  ${rule}: `));
    assert.notDeepEqual(rules, [], `no rule of ${mutant.rules.join(', ')} was broken:\n${output}`);
  });
}
