import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { LineWriter } from '../../src/observe/line-writer.ts';
import { temporary, until } from '../e2e/daemon.ts';

const LINES = Array.from({ length: 100 }, (_, index) => `line ${index}\n`);

function open(t: TestContext, file: string, flags: string | number): number {
  const fd = openSync(file, flags);
  t.after(() => closeSync(fd));
  return fd;
}

/** A pipe that holds all that it can, and is emptied by the test. */
function fullPipe(t: TestContext): { readonly fd: number; empty(): string } {
  const file = path.join(temporary(t), 'pipe');
  execFileSync('mkfifo', [file]);
  const fd = open(t, file, constants.O_RDWR | constants.O_NONBLOCK);
  assert.throws(() => {
    for (;;) writeSync(fd, '.'.repeat(4_096));
  });
  const bytes = Buffer.alloc(1_048_576);
  const read = (): number => {
    try {
      return readSync(fd, bytes);
    } catch {
      return 0; // nothing yet
    }
  };
  return { fd, empty: () => bytes.toString('utf8', 0, read()).replaceAll('.', '') };
}

test('lines are written in order, and at the end what still waits', async (t) => {
  const file = path.join(temporary(t), 'log');
  const writer = new LineWriter(open(t, file, 'a'), 10_000);
  for (const line of LINES) writer.write(line);
  await until(() => readFileSync(file, 'utf8') === LINES.join(''));
  writer.write('under way\n');
  writer.write('waits\n');
  writer.flush();
  await until(() => readFileSync(file, 'utf8').includes('under way'));
  assert.match(readFileSync(file, 'utf8'), /^waits$/m);
});

test('what comes while too much waits is dropped, and the rest is written when there is room', async (t) => {
  const pipe = fullPipe(t);
  const writer = new LineWriter(pipe.fd, 30);
  for (const line of LINES) writer.write(line);
  let read = '';
  await until(() => {
    read += pipe.empty();
    return read.split('\n').length > 5;
  });
  // The first had no room in the pipe; of the others thirty characters might wait.
  assert.equal(read, LINES.slice(0, 5).join(''));
});

test('[OPS-1] an end does not wait for a reader that has stopped, nor for a full disk', {
  skip: process.platform !== 'linux',
}, (t) => {
  const pipe = fullPipe(t);
  for (const fd of [pipe.fd, open(t, '/dev/full', 'w')]) {
    const writer = new LineWriter(fd, 10_000);
    for (const line of LINES) writer.write(line);
    writer.flush();
  }
});
