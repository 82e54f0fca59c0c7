import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import {
  entryFields,
  type Peer,
  type Request,
  type ScriptedServer,
  startScriptedServer,
} from '../../../client/test/scripted-server.ts';
import { EXIT, type ExitName } from '../../src/exit-codes.ts';
import { objects, type Ran, World, waitFor } from './world.ts';

/** What a case of the table may use. */
interface Stage {
  readonly world: World;
  /** A profile whose server greets, knows the account, is busy when something is sent and answers nothing else. */
  readonly busy: readonly string[];
  /** A profile whose server answers nothing but the greeting and the log-in. */
  readonly deaf: readonly string[];
}

/** A command line of alice's, or something more. */
type Case = readonly string[] | ((stage: Stage) => Promise<Ran>);

/** Each exit code of the program, and how it comes about. A code without a case is a failure. */
const CASES: Readonly<Record<ExitName, readonly Case[]>> = {
  done: [['whoami'], ['help'], ['--version'], ['send', '--help'], ['send', 'u1', 'hi', '--dry-run']],
  failed: [['unread'], ['-p', 'new', 'register', 'bob', '--password-stdin'], ['send', '@dave', '-f', '/nonexistent']],
  usage: [
    ['sned'],
    ['send'],
    ['send', 'bob', 'hi'],
    ['send', '@bob', '--wait', 'read', 'hi'],
    ['send', '@bob', 'x'.repeat(8_193)],
    ['send', `@${'x'.repeat(100_000)}`, 'hi'],
    ['history', `#${'x'.repeat(100_000)}`],
    ['send', '@bob', ' '],
    ['tail', '--count', 'many'],
    ['tail', '--types', 'mesage'],
    ['logout', 'alice'],
  ],
  partly: [['friends', 'add', 'dave', 'nobody']],
  notLoggedIn: [['-p', 'carol', 'whoami']],
  notFound: [
    ['send', '@nobody', 'hi'],
    ['send', '#nothing', 'hi'],
    ['group', 'join', 'nothing'],
  ],
  refused: [
    ['send', '#private', 'hi'],
    ['send', '@bob', 'hi'],
  ],
  slowDown: [async ({ world, busy }) => await world.run([...busy, 'send', '@bob', 'hi', '--timeout', '1s'])],
  unreachable: [
    ['--server', '127.0.0.1:1', 'login', 'alice', '--password-stdin'],
    async ({ world, deaf }) => await world.run([...deaf, 'send', '@bob', 'hi', '--timeout', '300ms']),
  ],
  bug: [
    // A server that finds our request malformed, an answer that makes no sense, and an event that makes none.
    async ({ world, busy }) => await world.run([...busy, 'history', 'g1']),
    async ({ world, busy }) => await world.run([...busy, 'devices']),
    async ({ world, busy }) => await world.run([...busy, 'tail', '-f']),
  ],
  queued: [
    async ({ world, deaf }) => await world.run([...deaf, 'send', '@bob', 'hi', '--queue', '--timeout', '300ms']),
  ],
  badConfig: [
    ['--config', '/nonexistent', 'whoami'],
    async ({ world }) =>
      await world.run(['register', 'zoe', '--password-stdin'], {
        stdin: 'secret-of-zoe\n',
        env: { PARLEY_HOME: '/dev/null/parley' },
      }),
  ],
  timeout: [
    ['tail', '-f', '--for', '300ms', '--count', '1'],
    async ({ world, deaf }) => await world.run([...deaf, 'history', 'g1', '--timeout', '300ms']),
  ],
  hungUp: [async ({ world }) => await endBy(world, 'SIGHUP')],
  interrupted: [async ({ world }) => await endBy(world, 'SIGINT')],
  aborted: [async ({ world }) => await endBy(world, 'SIGABRT')],
  terminated: [async ({ world }) => await endBy(world, 'SIGTERM')],
};

/** Nothing unread and the end of --for are what was asked about, and a signal needs no word. */
const QUIET: ReadonlySet<string> = new Set([
  'done',
  'failed',
  'timeout',
  'hungUp',
  'aborted',
  'interrupted',
  'terminated',
] satisfies ExitName[]);

async function endBy(world: World, signal: NodeJS.Signals): Promise<Ran> {
  const running = world.start(['-p', 'alice', 'tail', '-f', '--json']);
  await waitFor(() => running.stdout().includes('"online"'), running.stderr);
  running.child.kill(signal);
  const ran = await running.ended;
  assert.deepEqual(objects(ran.stdout).at(-1)?.['reason'], 'signal');
  return ran;
}

test('[CLI-1] each code of the table is reached, and said why', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob', 'dave');
  await world.run(['-p', 'bob', 'group', 'new', 'private']);
  await world.run(['-p', 'bob', 'friends', 'block', 'alice']);
  const stage = {
    world,
    deaf: await profileOf(world, 'deaf', await startScriptedServer(t)),
    busy: await profileOf(world, 'busy', await startScriptedServer(t, answerBadly)),
  };
  assert.deepEqual(Object.keys(CASES), Object.keys(EXIT));
  for (const [name, exit] of Object.entries(EXIT)) {
    const cases = CASES[name as ExitName];
    assert.ok(cases.length > 0, `${name} has a case`);
    for (const one of cases) {
      const ran = typeof one === 'function' ? await one(stage) : await runAsAlice(world, one);
      assert.equal(ran.exit, exit, `${name}, ${String(one).slice(0, 100)}: ${ran.stderr}`);
      if (!QUIET.has(name)) assert.match(ran.stderr, /^parley: ./, `${name}, ${String(one).slice(0, 100)}`);
    }
  }
});

async function runAsAlice(world: World, args: readonly string[]): Promise<Ran> {
  const as = args.includes('-p') ? [] : ['-p', 'alice'];
  return await world.run([...as, ...args], { stdin: 'secret-of-alice\n' });
}

/** Logs in at a server that is a script; returns the flags that use that log-in. */
async function profileOf(world: World, profile: string, { address }: ScriptedServer): Promise<string[]> {
  const flags = ['-p', profile, '--server', address];
  const ran = await world.run([...flags, 'login', '--token-stdin'], { stdin: 'any\n' });
  assert.equal(ran.exit, 0, ran.stderr);
  return flags;
}

function answerBadly(request: Request, peer: Peer): boolean {
  if (request.op === 'send') peer.refuse(request, 'rate_limited', { retryAfterMs: 60_000 });
  else if (request.op === 'history') peer.refuse(request, 'bad_request');
  else if (request.op === 'devices') peer.ok(request, {});
  else if (request.op === 'sync') peer.event('entry', entryFields(1, { text: 1 }));
  else return false;
  return true;
}

test('[CLI-1] [CLI-2] with --json an error is one object on stderr and nothing on stdout', async (t) => {
  const world = await World.open(t);
  const ran = await world.run(['whoami', '--json']);
  assert.equal(ran.stdout, '');
  assert.deepEqual(objects(ran.stderr), [
    {
      v: 1,
      type: 'error',
      code: 'auth_required',
      message: `Not logged in to ${world.server}.`,
      hint: 'Run: parley login',
      exit: 4,
    },
  ]);
});

test('[CLI-1] a server that is gone: send tries until --timeout, then ends with 69 and the client id', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  await world.killServer();
  const start = Date.now();
  const ran = await world.run(['send', '@alice', 'hi', '--timeout', '1s', '--id', 'k1']);
  assert.equal(ran.exit, 69);
  assert.ok(Date.now() - start < 5_000);
  assert.match(ran.stderr, /Cannot reach 127\.0\.0\.1:\d+: .*ECONNREFUSED/);
});

test('[CLI-1] [CLI-2] a send that is not answered: 69, unknown, with the client id that makes a repeat harmless', async (t) => {
  const world = await World.open(t);
  const deaf = await startScriptedServer(t);
  const env = { PARLEY_SERVER: deaf.address, PARLEY_TOKEN: 'any' };
  const args = ['send', '@bob', 'hi', '--timeout', '1s', '--id', 'k1'];
  const json = await world.run([...args, '--json'], { env });
  assert.equal(json.exit, 69);
  const [error] = objects(json.stderr);
  assert.deepEqual([error?.['code'], error?.['client_id'], error?.['exit']], ['unknown_outcome', 'k1', 69]);
  const human = await world.run(args, { env });
  assert.match(human.stderr, /may be stored or not[^]*client id: k1/);
});

test('[OUTBOX-3] flush tells as sent what was sent, not what it made never', async (t) => {
  let isSilent = true;
  const server = await startScriptedServer(t, (request, peer) => {
    if (isSilent || (request.op !== 'send' && request.op !== 'cancel')) return false;
    const stored = { conversation: 'd1-2', seq: 1, ord: 1, tag: 1, time: 1 };
    peer.ok(request, request.op === 'send' ? stored : { state: 'cancelled' });
    return true;
  });
  const world = World.openAt(t, server.address);
  const flags = await profileOf(world, 'p', server);
  const send = async (...more: string[]): Promise<unknown> =>
    (await world.run([...flags, 'send', '@bob', 'hi', '--timeout', '500ms', ...more])).exit;
  assert.deepEqual([await send(), await send('--queue')], [EXIT.unreachable, EXIT.queued]);
  isSilent = false;
  const { stdout, stderr } = await world.run([...flags, 'flush', '--json']);
  assert.deepEqual(objects(stdout), [{ v: 1, type: 'flushed', sent: 1, left: 0 }], stderr);
});

test('[CLI-1] a server that says slow down until --timeout runs out: 7', async (t) => {
  const world = await World.open(t);
  const busy = await startScriptedServer(t, (request, peer) => {
    if (request.op === 'send') peer.refuse(request, 'rate_limited', { retryAfterMs: 100 });
    return request.op === 'send';
  });
  const env = { PARLEY_SERVER: busy.address, PARLEY_TOKEN: 'any' };
  const ran = await world.run(['send', '@bob', 'hi', '--timeout', '1s'], { env });
  assert.equal(ran.exit, 7, ran.stderr);
  assert.ok(busy.requests.filter(({ op }) => op === 'send').length > 3);
});

test('[CLI-1] a reader that goes away ends the program with 0', async (t) => {
  const world = await World.open(t);
  await world.register('alice');
  await world.run(['group', 'new', 'log']);
  const running = world.start(['tail', '-f', '--json']);
  await waitFor(() => running.stdout().includes('"online"'), running.stderr);
  running.child.stdout.destroy();
  await world.run(['send', '#log', 'one']);
  assert.equal((await running.ended).exit, 0);
});

test('[CLI-1] --timeout and --for that end a wait are 124', async (t) => {
  const world = await World.open(t);
  await world.register('alice');
  // Answers the greeting and the log-in, and nothing more.
  const mute = await startScriptedServer(t, ({ op }) => op === 'history');
  const env = { PARLEY_SERVER: mute.address, PARLEY_TOKEN: 'a token' };
  const asked = await world.run(['history', 'g1', '--timeout', '300ms', '--json'], { env });
  assert.deepEqual([asked.exit, objects(asked.stderr)[0]?.['code']], [124, 'timeout']);
  assert.equal((await world.run(['tail', '-f', '--for', '300ms'])).exit, 0);
  assert.equal((await world.run(['tail', '-f', '--for', '300ms', '--count', '1'])).exit, 124);
});

test('[CLI-3] no home, a read-only home, and another’s rights', async (t) => {
  const world = await World.open(t);
  await world.register('alice');
  const session = path.join(world.folder, 'home/alice/session.json');
  assert.equal(statSync(session).mode & 0o777, 0o600);
  const { token } = JSON.parse(readFileSync(session, 'utf8')) as { token: string };

  const homeless = { PARLEY_HOME: undefined, HOME: '/nonexistent', PARLEY_TOKEN: token };
  assert.match((await world.run(['whoami'], { env: homeless })).stdout, /^alice/);
  assert.equal((await world.run(['tail'], { env: homeless })).exit, 0);

  const blocked = path.join(world.folder, 'file');
  writeFileSync(blocked, '');
  const nowhere = path.join(blocked, 'parley');
  const refused = await world.run(['-p', 'new', 'register', 'bob', '--password-stdin'], {
    stdin: 'secret-of-bob\n',
    env: { PARLEY_HOME: nowhere },
  });
  assert.equal(refused.exit, 78);
  assert.ok(refused.stderr.includes(nowhere), refused.stderr);
  // Nothing was made on the server.
  assert.equal((await world.run(['-p', 'alice', 'send', '@bob', 'hi'])).exit, 5);

  chmodSync(session, 0o644);
  const open = await world.run(['whoami']);
  assert.equal(open.exit, 78);
  assert.ok(open.stderr.includes(session), open.stderr);
  mkdirSync(path.join(world.folder, 'sp ace 😀'));
  const odd = { PARLEY_HOME: path.join(world.folder, 'sp ace 😀') };
  const login = await world.run(['login', 'ALICE', '--password-stdin'], { stdin: 'secret-of-alice\n', env: odd });
  assert.equal(login.exit, 0, login.stderr);
  assert.match((await world.run(['whoami'], { env: odd })).stdout, /^alice/);
});

test('[AUTH-3] a password is never an argument', async (t) => {
  const world = await World.open(t);
  const ran = await world.run(['login', 'alice', 'secret']);
  assert.equal(ran.exit, 2);
  assert.match(ran.stderr, /never an argument/);
  assert.equal((await world.run(['register', 'alice'])).exit, 2);
});
