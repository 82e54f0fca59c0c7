import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryFolder } from './run-briefly.ts';

const MAIN = path.join(import.meta.dirname, '../../src/main.ts');
const PEOPLE = ['--store', 'sqlite', '--users', '4', '--rate', '100'];

interface Ran {
  readonly exit: number | null;
  readonly said: string;
  /** What it left in the folder for temporary files. */
  readonly left: readonly string[];
}

/** Runs `npm run verify` without npm; a signal is sent as soon as people meet. */
async function run(t: TestContext, args: readonly string[], signal?: NodeJS.Signals): Promise<Ran> {
  const folder = temporaryFolder(t);
  const { PARLEY_DATABASE: _, ...env } = process.env;
  const child = spawn(process.execPath, ['--conditions=@parley/source', MAIN, ...args], {
    env: { ...env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  let isSent = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (isSent || signal === undefined || !said.includes('people meet')) return;
      isSent = child.kill(signal);
    });
  }
  const [exit] = (await once(child, 'close')) as [number | null];
  return { exit, said, left: readdirSync(folder) };
}

test('a run that went well says so, ends by itself with 0, and leaves nothing', async (t) => {
  const { exit, said, left } = await run(t, [...PEOPLE, '--seconds', '1', '--faults', 'none', '--seed', '4']);
  assert.equal(exit, 0, said);
  assert.match(said, /✔ every rule holds \(--seed 4\)/);
  assert.deepEqual(left, []);
});

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} puts everything back, leaves nothing, and ends with ${code}`, async (t) => {
    const { exit, said, left } = await run(t, [...PEOPLE, '--seconds', '600'], signal);
    assert.equal(exit, code, said);
    assert.match(said, /interrupted; everything was put back/);
    assert.deepEqual(left, []);
  });
}

test('a wrong command line ends with 2, what cannot be tried with 69, each with one sentence', async (t) => {
  for (const [code, sentence, ...args] of [
    [2, /^verify: --nodes is a whole number[^\n]*\n$/, '--nodes', '0'],
    [2, /^verify: Unknown option '--sqlite'[^\n]*\n$/, '--sqlite'],
    [69, /^verify: kill-redis cannot be tried: [^\n]*\n$/m, '--store', 'sqlite', '--faults', 'kill-redis'],
    [69, /^verify: nobody answers on 127\.0\.0\.1:1 [^\n]*\n$/, '--at', '127.0.0.1:1'],
  ] as const) {
    const { exit, said, left } = await run(t, args);
    assert.equal(exit, code, said);
    assert.match(said, sentence);
    assert.deepEqual(left, []);
  }
});
