import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { startScriptedServer } from '../../../client/test/scripted-server.ts';
import { objects, World, waitFor } from './world.ts';

test('[CLI-1] each failure ends with the code of the table', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob', 'dave');
  await world.run(['-p', 'bob', 'group', 'new', 'private']);
  await world.run(['-p', 'bob', 'friends', 'block', 'alice']);
  const cases: readonly (readonly [number, readonly string[]])[] = [
    [0, ['whoami']],
    [0, ['help']],
    [0, ['--version']],
    [0, ['send', '--help']],
    [2, ['sned']],
    [2, ['send']],
    [2, ['send', 'bob', 'hi']],
    [2, ['send', '@bob', '--wait', 'read', 'hi']],
    [2, ['send', '@bob', 'x'.repeat(8_193)]],
    [2, ['send', '@bob', ' ']],
    [2, ['tail', '--count', 'many']],
    [3, ['friends', 'add', 'dave', 'nobody']],
    [4, ['-p', 'carol', 'whoami']],
    [5, ['send', '@nobody', 'hi']],
    [5, ['send', '#nothing', 'hi']],
    [5, ['group', 'join', 'nothing']],
    [6, ['send', '#private', 'hi']],
    [6, ['send', '@bob', 'hi']],
    [69, ['--server', '127.0.0.1:1', '-p', 'alice', 'login', 'alice', '--password-stdin']],
  ];
  for (const [exit, args] of cases) {
    const ran = await world.run(args.includes('-p') ? args : ['-p', 'alice', ...args], { stdin: 'secret-of-alice\n' });
    assert.equal(ran.exit, exit, `${args.join(' ').slice(0, 60)}: ${ran.stderr}`);
    if (exit !== 0) assert.notEqual(ran.stderr, '');
  }
});

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

test('[CLI-1] SIGINT is 130, SIGTERM is 143, and a tail says how far it came', async (t) => {
  const world = await World.open(t);
  await world.register('alice');
  for (const [signal, exit] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const running = world.start(['tail', '-f', '--json']);
    await waitFor(() => running.stdout().includes('"online"'), running.stderr);
    running.child.kill(signal);
    const ran = await running.ended;
    assert.equal(ran.exit, exit);
    assert.deepEqual(objects(ran.stdout).at(-1)?.['reason'], 'signal');
  }
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
  const refused = await world.run(['register', 'bob', '--password-stdin'], {
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
