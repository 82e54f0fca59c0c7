import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { VERBS } from '../../src/command-table.ts';
import { startHostileServer } from './hostile-server.ts';
import { World } from './world.ts';

/** How each verb is made to show what the server says; the others are run with nothing behind them. */
const RUNS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  send: [['send', '@bob', 'hi']],
  tail: [
    ['tail', '-n', '20'],
    ['tail', '#x'],
    ['tail', '#x', '--since', '1'],
    ['tail', '-f', '--count', '3', '--types', 'all'],
  ],
  history: [
    ['history', '#x'],
    ['history', 'g7', '--offline'],
  ],
  ls: [['ls'], ['ls', '--offline']],
  friends: [['friends'], ['friends', 'add', 'bob'], ['friends', 'remove', 'bob']],
  group: [
    ['group', 'list'],
    ['group', 'new', 'x'],
    ['group', 'join', '#x'],
    ['group', 'leave', '#x'],
    ['group', 'members', '#x'],
    ['group', 'kick', '#x', 'bob'],
    ['group', 'role', '#x', 'bob', 'admin'],
  ],
  read: [
    ['read', '#x'],
    ['read', '--all'],
  ],
  devices: [['devices'], ['devices', 'revoke', '1']],
  export: [['export', '#x', '--format', 'text']],
};

/** Every command of line mode that shows something. */
const LINES = [
  '/next',
  '/next',
  '/goto',
  '/goto 1',
  '/friend',
  '/friend add bob',
  '/friend remove bob',
  '/group',
  '/group members #x',
  '/group new x',
  '/group join #x',
  '/group leave #x',
  '/group kick bob',
  '/who',
  '/who @bob',
  '/history',
  '/msg @bob hi',
  '/outbox',
  '/whoami',
  'text',
];

/** What acts on a terminal, or on how it orders a line. */
const HARM = /[[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}\u{200B}\u{FEFF}\u{E0041}]--[\n]]|\u{0301}{4}/v;

test('[TERM-1] no string of a server reaches the terminal raw, or passes for a line of ours, whatever the verb', async (t) => {
  const world = await openHostileWorld(t);
  // Three would end or replace the log-in that the others need; rpc speaks JSON, to programs; verify comes by itself.
  const verbs = VERBS.filter(({ name }) => !['register', 'login', 'logout', 'rpc', 'verify'].includes(name));
  for (const { name } of verbs) {
    for (const args of RUNS[name] ?? [[name]]) {
      const { stdout, stderr } = await world.run(['--timeout', '2s', '-v', ...args]);
      assertHarmless(stdout + stderr, args.join(' '));
    }
  }
});

test('[TERM-1] neither does it in verify, which waits for what such a server never delivers', async (t) => {
  const world = await openHostileWorld(t);
  const what = ['verify', '--at', world.server, '--seconds', '1', '--users', '2', '--faults', 'none'];
  const { exit, stdout, stderr } = await world.run(what);
  assert.ok(exit === 1 || exit === 69, `${exit}`);
  assertHarmless(stdout + stderr, 'verify');
});

test('[TERM-1] neither does it in line mode', async (t) => {
  const world = await openHostileWorld(t);
  const { stdout, stderr } = await world.run(['--timeout', '2s'], { stdin: `${LINES.join('\n')}\n` });
  assert.match(stdout, /new messages/);
  assertHarmless(stdout + stderr, 'line mode');
});

test('[TERM-1] [CLI-2] with --json text is exact, and its escapes are all that a terminal sees', async (t) => {
  const world = await openHostileWorld(t);
  const { stdout } = await world.run(['history', '#x', '--json']);
  assert.doesNotMatch(stdout, /[[\p{Cc}\p{Zl}\p{Zp}]--[\n]]/v);
  assert.match(stdout, /\\u001b\]52;/);
});

test('[TERM-1] only these files write to the terminal, and what they write passes the sanitiser or is our own', () => {
  const source = path.join(import.meta.dirname, '../../src');
  const writers = globSync('**/*.ts', { cwd: source }).filter((file) =>
    /(stdout|stderr|output|screen)\.write\(|console\./.test(readFileSync(path.join(source, file), 'utf8')),
  );
  assert.deepEqual(writers.toSorted(), [
    'output.ts',
    'plain/piped-input.ts',
    'plain/prompt-line.ts',
    'plain/typed-input.ts',
    'term/prompt.ts',
    // What it writes was made harmless by packages/verify (run/printable.ts).
    'verbs/verify.ts',
  ]);
});

async function openHostileWorld(t: test.TestContext): Promise<World> {
  const world = World.openAt(t, await startHostileServer(t));
  await world.register('alice');
  return world;
}

function assertHarmless(text: string, what: string): void {
  const { index } = HARM.exec(text) ?? /^forged/m.exec(text) ?? {};
  // Not `assert.match`: it would print all of it.
  const around = index === undefined ? '' : text.slice(Math.max(0, index - 60), index + 60);
  assert.equal(index, undefined, `${what}: ${JSON.stringify(around)}`);
}
