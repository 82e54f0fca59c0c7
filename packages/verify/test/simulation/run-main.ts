import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Mutant } from './mutants.ts';

const MAIN = path.join(import.meta.dirname, '../../src/simulation/main.ts');
const HOOK = path.join(import.meta.dirname, 'mutate.ts');

/**
 * What `npm run simulate` says with these options, and with a mistake if one is given. In a process of its own: the
 * test runner's watching of promises makes all this two to three times slower.
 */
export async function simulate(
  options: readonly string[],
  mutant?: Pick<Mutant, 'mutations' | 'mistakes'>,
): Promise<string> {
  const { mutations, mistakes } = mutant ?? {};
  const env = {
    ...process.env,
    PARLEY_TEST_MUTATION: JSON.stringify(mutations?.[0] ?? {}),
    PARLEY_TEST_MISTAKES: JSON.stringify(mistakes ?? {}),
  };
  const hooks = mutations === undefined ? [] : [`--import=${HOOK}`];
  const args = ['--conditions=@parley/source', ...hooks, MAIN, ...options];
  return await promisify(execFile)(process.execPath, args, { env }).then(
    ({ stdout }) => stdout,
    (error: { stdout?: string; stderr?: string }) => `${error.stdout ?? ''}${error.stderr ?? ''}`,
  );
}
