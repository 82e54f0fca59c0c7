// Preloaded into every test file by tools/test.ts: ends a file that hangs, and says what keeps it running.
// (node --test has a time limit for each test only: a file that leaves a socket open would hang for ever.)
import { after } from 'node:test';
import { isMainThread } from 'node:worker_threads';

/** For one file. The longest start a whole cluster, on a machine that does other things too. */
const FILE_MS = 600_000;
/** For what a file's tests have left open to close by itself; a database that the file's own hooks stop is among it. */
const LEFT_OPEN_MS = 60_000;

// Programs that a test forks are started with our options, but are no test files.
if (isMainThread && process.argv[1]?.endsWith('.test.ts')) {
  endAfter(FILE_MS, 'the tests of this file take');
  after(() => endAfter(LEFT_OPEN_MS, 'something was left open when the tests had ended: it kept the process for'));
}

function endAfter(ms: number, what: string): void {
  const timer = setTimeout(() => {
    const open = process.getActiveResourcesInfo().join(', ');
    process.stderr.write(`${process.argv[1]}: ${what} more than ${ms / 1_000} s. Still open: ${open}\n`);
    process.exit(1);
  }, ms);
  timer.unref(); // a process with nothing left to do ends at once
}
