import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { type OnTerminal, startOnTerminal } from './terminal.ts';
import { World, waitFor } from './world.ts';

const PASTE_OFF = '\u001B[?2004l';
/** The program throws in a listener when it gets this signal. */
const THROWS = `--import=data:text/javascript,process.on('SIGUSR2',()=>{throw(new(Error)('on-purpose'))})`;

/** Alice in her chat with bob, in the middle of a text; she has not paused long enough for it to be kept. */
async function openTyping(t: TestContext, world: World): Promise<OnTerminal | undefined> {
  const terminal = await startOnTerminal(world, ['-p', 'alice', '@bob'], { env: { NODE_OPTIONS: THROWS } });
  if (terminal === undefined) {
    t.skip('there is no way to make a terminal');
    return undefined;
  }
  await terminal.shows('@bob> ');
  terminal.running.child.stdin.write('half a thought');
  await terminal.shows('half a thought');
  return terminal;
}

async function assertKept(world: World, how: string): Promise<void> {
  const { stdout } = await world.run(['-p', 'alice'], { stdin: '/goto\n' });
  assert.match(stdout, /1 @bob,.* draft\n/, how);
}

async function openWorld(t: TestContext): Promise<World> {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  await world.run(['-p', 'bob', 'send', '@alice', 'hi']);
  return world;
}

for (const [signal, exit] of [
  ['SIGHUP', 129],
  ['SIGABRT', 134],
  ['SIGTERM', 143],
  ['SIGUSR2', 70],
] as const) {
  test(`[CLI-5] C55: after ${signal} the terminal is as before, and what was typed is kept`, async (t) => {
    const world = await openWorld(t);
    const terminal = await openTyping(t, world);
    if (terminal === undefined) return;
    process.kill(terminal.pid, signal);
    const ended = await terminal.end();
    assert.deepEqual(ended, { exit, after: terminal.before }, terminal.running.stdout());
    assert.ok(terminal.running.stdout().includes(PASTE_OFF));
    await assertKept(world, signal);
  });
}

test('[CLI-5] C55: when the window is closed the program goes at once, and what was typed and entered is kept', async (t) => {
  const world = await openWorld(t);
  const terminal = await openTyping(t, world);
  if (terminal === undefined) return;
  await world.killServer();
  await terminal.shows('connection lost');
  terminal.running.child.stdin.write(' more\r');
  await terminal.shows('(waiting, 1 in all)');
  terminal.running.child.stdin.write('another');
  await terminal.shows('another');
  terminal.running.child.kill('SIGKILL');
  await waitFor(
    () => !isAlive(terminal.pid),
    () => 'it is still there',
  );
  assert.match((await world.run(['-p', 'alice', 'outbox'])).stdout, /half a thought more/);
  await world.startServer();
  await assertKept(world, 'the window');
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
