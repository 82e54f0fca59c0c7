import assert from 'node:assert/strict';
import { chmodSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { startScriptedServer } from '../../../client/test/scripted-server.ts';
import { objects, type Ran, World, waitFor } from './world.ts';

/** Something that is not UTF-8. */
const BINARY = Buffer.from([0x66, 0xff, 0xfe, 0x0a]);

/** The system lets root write everywhere; so it runs without that privilege. */
const WITHOUT_PRIVILEGE = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override'] : [];

async function textsOf(world: World, who: string, chat: string): Promise<unknown[]> {
  const { stdout } = await world.run(['-p', who, 'history', chat, '--all', '--json']);
  return objects(stdout).flatMap(({ type, text }) => (type === 'message' ? [text] : []));
}

async function outboxOf(world: World, who: string): Promise<unknown[]> {
  return objects((await world.run(['-p', who, 'outbox', '--json'])).stdout).map(({ client_id: id }) => id);
}

test('[CLI-1] `parley history | head -1` ends quietly with 0', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  const lines = Array.from({ length: 40 }, (_, index) => `${index}`.padEnd(8_000, '.'));
  await world.run(['-p', 'alice', 'send', '@bob', '--lines', '-q'], { stdin: lines.join('\n') });
  const under = ['bash', '-c', '"$@" | head -1; exit "${PIPESTATUS[0]}"', 'bash'];
  for (const verb of [
    ['history', '@bob', '--json'],
    ['export', '@bob'],
    ['tail', '@bob'],
  ]) {
    const ran = await world.run(['-p', 'alice', ...verb], { under });
    assert.deepEqual([ran.exit, ran.stderr, ran.stdout.split('\n').length], [0, '', 2], verb.join(' '));
  }
});

test('[CLI-1] [OUTBOX-3] SIGINT while send waits: 130; with --queue the message stays, without it is taken back', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  await world.killServer();
  for (const [id, args] of [
    ['kept', ['--queue']],
    ['gone', []],
  ] as const) {
    const sending = world.start(['-p', 'alice', 'send', '@bob', id, '--id', id, '--timeout', '60s', ...args]);
    await waitFor(async () => (await outboxOf(world, 'alice')).includes(id), sending.stderr);
    sending.child.kill('SIGINT');
    assert.equal((await sending.ended).exit, 130);
  }
  assert.deepEqual(await outboxOf(world, 'alice'), ['kept']);
  await world.startServer();
  assert.equal((await world.run(['-p', 'alice', 'flush'])).exit, 0);
  assert.deepEqual(await textsOf(world, 'bob', '@alice'), ['kept']);
});

test('[CLI-1] SIGINT while send waits for an answer: 130, and the next run settles it', async (t) => {
  const world = await World.open(t);
  const deaf = await startScriptedServer(t);
  const flags = ['-p', 'alice', '--server', deaf.address];
  await world.run([...flags, 'login', '--token-stdin'], { stdin: 'any\n' });
  const sending = world.start([...flags, 'send', '@bob', 'hi', '--id', 'k1', '--timeout', '60s']);
  await waitFor(() => deaf.requests.some(({ op }) => op === 'send'), sending.stderr);
  sending.child.kill('SIGINT');
  assert.equal((await sending.ended).exit, 130);
  const next = world.start([...flags, 'flush', '--timeout', '60s']);
  await waitFor(() => deaf.requests.some(({ op, clientId }) => op === 'cancel' && clientId === 'k1'), next.stderr);
});

test('[CLI-1] without stdin or stdout nothing hangs, and what is missing is said', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  const closed = async (...args: string[]): Promise<Ran> =>
    await world.run(['-p', 'alice', ...args], { under: ['sh', '-c', 'exec "$@" <&- >&-', 'sh'] });
  assert.equal((await closed('send', '@bob', 'hi')).exit, 0);
  assert.equal((await closed('tail')).exit, 0);
  assert.equal((await closed('script')).exit, 0);
  assert.equal((await closed('rpc')).exit, 0);
  const empty = await closed('send', '@bob');
  assert.deepEqual([empty.exit, empty.stderr.startsWith('parley: Not sent: ')], [2, true], empty.stderr);
  const login = await closed('login', 'alice', '--password-stdin');
  assert.deepEqual([login.exit, login.stderr], [2, 'parley: There is no password on stdin.\n']);
  assert.equal((await closed()).exit, 0, 'line mode');
  assert.deepEqual(await textsOf(world, 'bob', '@alice'), ['hi']);
});

test('[CLI-1] what is not UTF-8 on stdin is refused: 2, and nothing is sent', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  const alice = async (...args: string[]): Promise<Ran> => await world.run(['-p', 'alice', ...args], { stdin: BINARY });
  for (const args of [
    ['send', '@bob'],
    ['send', '@bob', '--lines'],
    ['script'],
    ['-p', 'new', 'register', 'carol', '--password-stdin'],
  ]) {
    const ran = await alice(...args);
    assert.deepEqual([ran.exit, /not UTF-8/.test(ran.stderr)], [2, true], `${args.join(' ')}: ${ran.stderr}`);
  }
  const [answer] = objects((await alice('rpc')).stdout).filter(({ type }) => type === 'error');
  assert.match(String(answer?.['message']), /not UTF-8/);
  assert.deepEqual(await textsOf(world, 'bob', '@alice'), []);
});

test('[CLI-1] without a terminal nothing is asked: 2, with the way to give it', async (t) => {
  const world = await World.open(t);
  const under = ['setsid'];
  const register = await world.run(['register', 'alice'], { under });
  assert.deepEqual(
    [register.exit, register.stderr],
    [2, 'parley: A password is needed.\n  Give it on stdin, with --password-stdin.\n'],
  );
  const login = await world.run(['login'], { under });
  assert.deepEqual([login.exit, login.stderr], [2, 'parley: A name is needed.\n']);
});

test('[CLI-1] Ctrl-D at a prompt ends with 2, and is no bug', async (t) => {
  const world = await World.open(t);
  // It may be another `script` than that of Linux, or none.
  const terminal = ['sh', '-c', `exec script -qec "$(printf "'%s' " "$@")" /dev/null`, 'sh'];
  const asking = world.start(['register', 'alice'], { under: terminal });
  const ended = asking.ended.catch(() => undefined);
  await Promise.race([ended, waitFor(() => asking.stdout().includes('Password:'), asking.stdout)]);
  asking.child.stdin.write('\u0004');
  const ran = await ended;
  if (ran === undefined || !ran.stdout.includes('Password:')) t.skip('there is no way to make a terminal');
  else assert.deepEqual([ran.exit, /No password was given/.test(ran.stdout)], [2, true], ran.stdout);
});

test('[CLI-3] a home that is read-only: reading and sending work, what must be kept is refused by name', async (t) => {
  const world = await World.open(t);
  await world.register('alice');
  await world.register('bob');
  const home = path.join(world.folder, 'home');
  const allow = (mode: number): void => [home, path.join(home, 'alice')].forEach((folder) => chmodSync(folder, mode));
  allow(0o555);
  const alice = async (...args: string[]): Promise<Ran> =>
    await world.run(['-p', 'alice', ...args], { under: WITHOUT_PRIVILEGE, stdin: 'secret-of-alice\n' });
  for (const args of [['whoami'], ['send', '@bob', 'hi'], ['history', '@bob'], ['ls'], ['tail']])
    assert.deepEqual([(await alice(...args)).exit, (await alice(...args)).stderr], [0, ''], args.join(' '));
  for (const args of [
    ['send', '@bob', 'hi', '--queue'],
    ['outbox'],
    ['login', 'alice', '--password-stdin'],
    ['config', 'set', 'timeout', '9s'],
    ['tail', '--cursor', path.join(home, 'cursor')],
  ]) {
    const ran = await alice(...args);
    assert.equal(ran.exit, 78, `${args.join(' ')}: ${ran.stderr}`);
    assert.ok(ran.stderr.includes(home), ran.stderr);
  }
  assert.equal(
    (await world.run(['-p', 'alice', 'devices', '--json'])).stdout.split('\n').length,
    2,
    'no log-in is left over',
  );
  const { token } = JSON.parse(readFileSync(path.join(home, 'alice/session.json'), 'utf8')) as { token: string };
  const env = { PARLEY_TOKEN: token, PARLEY_HOME: path.join(home, 'none') };
  assert.equal((await world.run(['send', '@bob', 'hi'], { env, under: WITHOUT_PRIVILEGE })).exit, 0);
  const report = await alice('doctor');
  assert.deepEqual([report.exit, /^BAD {2}outbox .*cannot be used/m.test(report.stdout)], [1, true], report.stdout);
  const logout = await alice('logout');
  assert.deepEqual([logout.exit, /has ended, but cannot be forgotten/.test(logout.stderr)], [78, true], logout.stderr);
  allow(0o755);
});

test('[CLI-1] C51: an export that the disk has no room for fails by name, and is no bug', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  await world.run(['-p', 'alice', 'send', '@bob', '--lines', '-q'], { stdin: `${'x'.repeat(8_000)}\n`.repeat(3) });
  const file = path.join(world.folder, 'chat.jsonl');
  // So many blocks may be written: a part of the chat has room.
  const under = ['bash', '-c', 'ulimit -f 16; trap "" XFSZ; exec "$@"', 'bash'];
  const ran = await world.run(['-p', 'alice', 'export', '@bob', '-o', file], { under });
  assert.deepEqual([ran.exit, ran.stderr.includes(`Cannot write ${file}: `)], [1, true], ran.stderr);
});

test('[CLI-1] --timeout ends the wait for a server that falls silent, wherever; tail -f waits for entries until --for', async (t) => {
  const world = await World.open(t);
  await world.register('alice');
  for (const [silent, exits] of [
    ['hello', [69, 69]],
    ['resume', [69, 69]],
    ['history', [124, 0]],
  ] as const) {
    const mute = await startScriptedServer(t, ({ op }) => op === silent);
    const env = { PARLEY_SERVER: mute.address, PARLEY_TOKEN: 'any' };
    for (const [index, args] of [
      ['history', 'g1'],
      ['send', '@bob', 'hi', '--wait', 'none'],
    ].entries()) {
      const start = performance.now();
      const ran = await world.run([...args, '--timeout', '500ms'], { env });
      assert.equal(ran.exit, exits[index], `${silent}: ${ran.stderr}`);
      assert.ok(performance.now() - start < 5_000);
    }
  }
  const tail = await world.run(['tail', '-f', '--timeout', '300ms', '--for', '1s', '--json']);
  assert.deepEqual([tail.exit, objects(tail.stdout).at(-1)?.['reason']], [0, 'for']);
});
