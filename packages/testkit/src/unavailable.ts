import { appendFileSync, existsSync } from 'node:fs';
import type { TestContext } from 'node:test';

/**
 * A test calls this when a program or server that it needs cannot be had, and then returns. Where everything can be had, on
 * a build server (CI=true) and on Debian or Ubuntu as root, that is a failure; elsewhere the test is skipped, and the
 * last lines of `npm test` say so.
 *
 * @param t the test's context
 * @param what the thing that is lacking: 'strace'
 * @param why one clause: 'apt-get cannot install it'
 * @throws where everything can be had
 */
export function unavailable(t: Pick<TestContext, 'skip'>, what: string, why: string): void {
  const line = `${what}: ${why}`;
  if (mustHaveEverything()) throw new Error(`${line} (on this machine every test must run)`);
  t.skip(line);
  const notes = process.env['PARLEY_TEST_NOT_RUN'];
  if (notes) appendFileSync(notes, `${line}\n`);
}

function mustHaveEverything(): boolean {
  return process.env['CI'] === 'true' || (process.getuid?.() === 0 && existsSync('/etc/debian_version'));
}
