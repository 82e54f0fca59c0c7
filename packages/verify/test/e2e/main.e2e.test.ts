import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryFolder } from './run-briefly.ts';

const MAIN = path.join(import.meta.dirname, '../../src/main.ts');
const PEOPLE = ['--store', 'sqlite', '--users', '4', '--rate', '100'];

interface Ran {
  readonly exit: number | null;
  /** On both ways out. */
  readonly said: string;
  readonly stdout: string;
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
  let stdout = '';
  let isSent = false;
  child.stdout.on('data', (text: string) => (stdout += text));
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (isSent || signal === undefined || !said.includes('people meet')) return;
      isSent = child.kill(signal);
    });
  }
  const [exit] = (await once(child, 'close')) as [number | null];
  return { exit, said, stdout, left: readdirSync(folder) };
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
    [2, /^verify: Option '--seed' [^\n]*\n$/, '--seed', '-1'],
    [69, /^verify: \/dev\/null\/x cannot be used: [^\n]*\n$/, '--folder', '/dev/null/x'],
    [69, /^verify: .* cannot be used: it is not empty[^\n]*\n$/, '--folder', import.meta.dirname],
    [69, /^verify: kill-redis cannot be tried: [^\n]*\n$/m, '--store', 'sqlite', '--faults', 'kill-redis'],
    [69, /^verify: nobody answers on 127\.0\.0\.1:1 [^\n]*\n$/, '--at', '127.0.0.1:1'],
  ] as const) {
    const { exit, said, left } = await run(t, args);
    assert.equal(exit, code, said);
    assert.match(said, sentence);
    assert.deepEqual(left, []);
  }
});

test('with --json stdout has the verdict as one object, also of a run that failed, and nothing where there is none', async (t) => {
  const file = path.join(temporaryFolder(t), 'history.jsonl');
  const lines = [
    { k: 'run', version: 1, seed: 3, store: 'sqlite', faults: [], wall: 1 },
    { k: 'problem', what: 'node1 ended by itself with 1' },
    { k: 'end', t: 1 },
  ];
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const failed = await run(t, ['--json', '--history', file]);
  assert.equal(failed.exit, 1);
  const { ok, seed, problems } = JSON.parse(failed.stdout);
  assert.deepEqual([ok, seed, problems], [false, 3, ['node1 ended by itself with 1', 'the database holds nothing']]);
  const { exit, said, stdout } = await run(t, ['--json', '--history', `${file}.old`]);
  assert.deepEqual([exit, stdout], [69, ''], said);
});
