// `npm test`: the checks, then every test. `npm test -- packages/server/test/net` runs the tests of that folder or file only,
// and options go to node --test; a narrowed run skips the checks. `--fast` leaves out tests that need a port or a server.
import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, constants, tmpdir } from 'node:os';
import path from 'node:path';
import { check } from './check.ts';
import { ROOT } from './repository.ts';

const TESTS = ['packages/*/test/**/*.test.ts', 'tools/test/**/*.test.ts'];
/** Tests that need a port or a server say so in their names: CONTRIBUTING.md. */
const SLOW = /\.(e2e|cluster|redis|mysql)\.test\.ts$/;
/** For one test; for a whole file see deadline.ts. */
const TEST_MS = 120_000;
/** For all of them together: a suite that takes longer is not run before a commit any more. */
const SUITE_MINUTES = 30;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const fast = args.includes('--fast');
  const options = args.filter((arg) => arg.startsWith('-') && arg !== '--fast');
  const paths = args.filter((arg) => !arg.startsWith('-'));
  const files = testFiles(paths).filter((file) => !(fast && SLOW.test(file)));
  if (files.length === 0) {
    console.error(`no test files in ${paths.join(', ')}`);
    return 1;
  }
  const checked = args.length > 0 || (await check());
  const beganMs = performance.now();
  const code = (await runTests(files, options)) || tooLong(beganMs);
  if (!checked) console.error('✖ npm run check failed: see the beginning of this output');
  return checked ? code : code || 1;
}

/** @returns what to exit with */
function tooLong(beganMs: number): number {
  const minutes = (performance.now() - beganMs) / 60_000;
  if (minutes <= SUITE_MINUTES) return 0;
  console.error(`\n✖ the tests took ${Math.round(minutes)} minutes; ${SUITE_MINUTES} is the limit`);
  return 1;
}

function testFiles(paths: readonly string[]): string[] {
  const all = globSync(TESTS, { cwd: ROOT, exclude: ['**/node_modules/**'] }).toSorted();
  const wanted = paths.map((name) => path.relative(ROOT, path.resolve(name)));
  return wanted.length === 0 ? all : all.filter((file) => wanted.some((name) => `${file}/`.startsWith(`${name}/`)));
}

/** @returns what to exit with */
async function runTests(files: readonly string[], options: readonly string[]): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-test-'));
  const notRun = path.join(folder, 'not-run');
  try {
    const code = await runNode([...nodeOptions(), ...options, ...files], { PARLEY_TEST_NOT_RUN: notRun });
    printNotRun(notRun);
    return code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function nodeOptions(): string[] {
  const atOnce = Math.max(2, availableParallelism());
  return [
    '--conditions=@parley/source',
    '--test',
    '--test-reporter=spec',
    `--test-concurrency=${atOnce}`,
    `--test-timeout=${TEST_MS}`,
    `--import=${path.join(import.meta.dirname, 'deadline.ts')}`,
  ];
}

async function runNode(args: readonly string[], env: Record<string, string>): Promise<number> {
  const child = spawn(process.execPath, args, { cwd: ROOT, env: { ...process.env, ...env }, stdio: 'inherit' });
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  process.on('SIGTERM', forward);
  process.on('SIGINT', () => {}); // the terminal sends it to the tests too; their summary comes first
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}

/** See packages/testkit/src/unavailable.ts, which writes the file. */
function printNotRun(file: string): void {
  const lines = globSync(file).flatMap((name) => readFileSync(name, 'utf8').trim().split('\n'));
  if (lines.length === 0) return;
  const counted = [...new Set(lines)].map((line) => `  ${lines.filter((other) => other === line).length} × ${line}`);
  console.error(`\nNOT RUN: ${lines.length} tests, for lack of what they need:\n${counted.join('\n')}`);
}
