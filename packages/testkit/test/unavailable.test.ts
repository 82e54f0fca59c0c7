import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { unavailable } from '../src/unavailable.ts';

/** Not on Windows, so the types say that it may be missing. */
const user = process as { getuid(): number };

/** Sets an environment variable for one test. */
function setEnv(t: TestContext, name: string, value: string): void {
  const before = process.env[name];
  process.env[name] = value;
  t.after(() => {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  });
}

test('on a build server, what is lacking fails the test', (t) => {
  setEnv(t, 'CI', 'true');
  assert.throws(() => unavailable(t, 'strace', 'nobody has it'), /strace: nobody has it/);
});

test('elsewhere the test is skipped, and noted for the last lines of npm test', (t) => {
  setEnv(t, 'CI', 'false');
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-notes-'));
  t.after(() => rmSync(folder, { recursive: true }));
  setEnv(t, 'PARLEY_TEST_NOT_RUN', path.join(folder, 'notes'));
  t.mock.method(user, 'getuid', () => 1000);
  const skipped: string[] = [];
  unavailable({ skip: (why) => skipped.push(why ?? '') }, 'strace', 'nobody has it');
  assert.deepEqual(skipped, ['strace: nobody has it']);
  assert.equal(readFileSync(path.join(folder, 'notes'), 'utf8'), 'strace: nobody has it\n');
});

test('Debian as root has everything', { skip: !existsSync('/etc/debian_version') }, (t) => {
  setEnv(t, 'CI', 'false');
  t.mock.method(user, 'getuid', () => 0);
  assert.throws(() => unavailable(t, 'strace', 'nobody has it'), /must run/);
});
