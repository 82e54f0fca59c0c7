import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { objects, World, waitFor } from './world.ts';

const IS_UNIX = process.platform !== 'win32';

/** A pipe with a name, and the end of it that is written to, as soon as the program has opened the other. */
async function openPipe(file: string): Promise<number> {
  let handle: number | undefined;
  await waitFor(
    () => {
      try {
        handle = openSync(file, constants.O_WRONLY | constants.O_NONBLOCK);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
      }
      return handle !== undefined;
    },
    () => `nobody reads ${file}`,
  );
  return handle ?? -1;
}

test('[CLI-1] what has no end is too long, which is said early, and nothing is sent', { skip: !IS_UNIX }, async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  const endless = ['sh', '-c', 'yes | exec "$@"', 'sh'];
  for (const [args, under, code] of [
    [['send', '@bob', '-f', '/dev/zero'], [], 'text_too_long'],
    [['send', '@bob', '--lines', '-f', '/dev/zero'], [], 'usage'],
    [['send', '@bob'], endless, 'text_too_long'],
    [['send', '@bob', '--lines'], endless, 'usage'],
    [['script', '/dev/zero'], [], 'usage'],
  ] as const) {
    const ran = await world.run(['-p', 'alice', '--json', ...args], { under });
    assert.deepEqual([ran.exit, objects(ran.stderr)[0]?.['code']], [2, code], args.join(' '));
  }
  assert.equal((await world.run(['-p', 'bob', 'unread', '--total'])).stdout, '0\n');
});

test('[CLI-1] a named pipe is read to its end, and a signal ends the wait for it', { skip: !IS_UNIX }, async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  const file = path.join(world.folder, 'pipe');
  execFileSync('mkfifo', [file]);
  const sending = world.start(['-p', 'alice', 'send', '@bob', '-f', file], { stdin: '' });
  const handle = await openPipe(file);
  writeSync(handle, 'by pipe\n');
  closeSync(handle);
  assert.equal((await sending.ended).exit, 0);
  assert.match((await world.run(['-p', 'bob', 'history', '@alice'])).stdout, /alice: by pipe\n$/);
  for (const [args, signal, exit] of [
    [['send', '@bob', '-f', file], 'SIGTERM', 143],
    [['script', file], 'SIGINT', 130],
  ] as const) {
    const waiting = world.start(['-p', 'alice', ...args], { stdin: '' });
    const silent = await openPipe(file);
    waiting.child.kill(signal);
    assert.equal((await waiting.ended).exit, exit, args.join(' '));
    closeSync(silent);
  }
});

test('--lines tells the line of the file that is no good, blank ones counted', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  const stdin = `one\n\n${'x'.repeat(9_000)}\n`;
  const ran = await world.run(['-p', 'alice', 'send', '@bob', '--lines'], { stdin });
  assert.deepEqual([ran.exit, /9000 bytes, the limit is 8192 \(line 3\)/.test(ran.stderr)], [2, true], ran.stderr);
});
