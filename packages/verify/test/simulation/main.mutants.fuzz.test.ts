import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { MUTANTS, type Mutant } from './mutants.ts';

const MAIN = path.join(import.meta.dirname, '../../src/simulation/main.ts');
const HOOK = path.join(import.meta.dirname, 'mutate.ts');
/** Each is found within the first few hundred; see docs/VERIFICATION.md. */
const SEEDS = 1_000;

for (const mutant of MUTANTS) {
  test(`${mutant.promises} the simulation finds: ${mutant.name}`, async () => {
    const output = await simulate(mutant);
    const rules = mutant.rules.filter((rule) => output.includes(`  ${rule}: `));
    assert.notDeepEqual(rules, [], `no rule of ${mutant.rules.join(', ')} was broken:\n${output}`);
  });
}

/** What it says about the first seed that breaks a rule. */
async function simulate({ mutations, mistakes, rules }: Mutant): Promise<string> {
  const env = {
    ...process.env,
    PARLEY_TEST_MUTATION: JSON.stringify(mutations?.[0] ?? {}),
    PARLEY_TEST_MISTAKES: JSON.stringify(mistakes ?? {}),
  };
  const hooks = mutations === undefined ? [] : [`--import=${HOOK}`];
  const args = ['--conditions=@parley/source', ...hooks, MAIN, '--seeds', String(SEEDS), '--until', rules.join(',')];
  const run = promisify(execFile)(process.execPath, args, { env });
  return await run.then(
    ({ stdout }) => stdout,
    (error: { stdout?: string; stderr?: string }) => `${error.stdout ?? ''}${error.stderr ?? ''}`,
  );
}
