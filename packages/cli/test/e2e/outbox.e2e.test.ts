import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'node:test';
import { OutboxLock } from '../../../client/src/outbox/outbox-lock.ts';
import { FlakyLink } from './flaky-link.ts';
import { objects, type Ran, type Running, World, waitFor } from './world.ts';

/** What bob has from alice, oldest first. */
async function textsOf(world: World, reader = 'bob', chat = '@alice'): Promise<unknown[]> {
  const ran = await world.run(['-p', reader, 'history', chat, '--all', '--json']);
  return objects(ran.stdout).map(({ text }) => text);
}

function queued(world: World, who: string): Promise<Record<string, unknown>[]> {
  return world.run(['-p', who, 'outbox', '--json']).then(({ stdout }) => objects(stdout));
}

test('[OUTBOX-1] what cannot be sent with --queue stays, and goes with the next run; without it is taken back', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  await world.killServer();
  const send = async (...args: string[]): Promise<Ran> =>
    await world.run(['-p', 'alice', 'send', '@bob', '--timeout', '1s', '--json', ...args]);
  const later = await send('later', '--queue', '--id', 'k1');
  assert.deepEqual([later.exit, objects(later.stderr)[0]?.['code']], [75, 'queued']);
  const never = await send('never', '--id', 'k2');
  assert.deepEqual([never.exit, objects(never.stderr)[0]?.['code']], [69, 'failed']);
  assert.deepEqual(
    (await queued(world, 'alice')).map(({ client_id: id, state }) => [id, state]),
    [['k1', 'waiting']],
  );
  assert.equal((await world.run(['-p', 'alice', 'flush', '--timeout', '1s'])).exit, 75);
  assert.equal((await send('another text', '--queue', '--id', 'k1')).exit, 2);
  await world.startServer();
  const flushed = await world.run(['-p', 'alice', 'flush', '--json']);
  assert.deepEqual(objects(flushed.stdout), [{ v: 1, type: 'flushed', sent: 1, left: 0 }]);
  assert.equal(flushed.exit, 0);
  assert.deepEqual(await textsOf(world), ['later']);
  assert.equal(statSync(path.join(world.folder, 'home/alice/store.db')).mode & 0o777, 0o600);
});

test('[CLI-1] flush and outbox retry end with 4 at once when the session was revoked, and what waits stays', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  const login = ['login', 'alice', '-p', 'laptop', '--password-stdin'];
  assert.equal((await world.run(login, { stdin: 'secret-of-alice\n' })).exit, 0);
  await world.killServer();
  const args = ['-p', 'laptop', 'send', '@bob', 'hi', '--id', 'k1', '--queue', '--timeout', '300ms'];
  assert.equal((await world.run(args)).exit, 75);
  await world.startServer();
  assert.equal((await world.run(['-p', 'alice', 'devices', 'revoke', '3'])).exit, 0);
  for (const verb of [['flush'], ['outbox', 'retry']]) {
    const ran = await world.run(['-p', 'laptop', ...verb, '--timeout', '60s']);
    assert.deepEqual([ran.exit, ran.stderr.includes('parley login')], [4, true], verb.join(' '));
  }
  assert.deepEqual(
    (await queued(world, 'laptop')).map(({ client_id: id }) => id),
    ['k1'],
  );
});

test('[OUTBOX-1] C19: a refused message steps aside, one that was taken back never arrives, the others keep their order', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  const alice = async (...args: string[]): Promise<Ran> => await world.run(['-p', 'alice', ...args]);
  await world.run(['-p', 'bob', 'group', 'new', 'team']);
  await alice('group', 'join', '#team');
  await world.killServer();
  // Written while there is no server; then she is kicked before it goes.
  for (const [to, id] of [
    ['#team', 'm1'],
    ['#team', 'm2'],
    ['@bob', 'm3'],
    ['@bob', 'm4'],
  ] as const)
    assert.equal((await alice('send', to, id, '--id', id, '--queue', '--timeout', '300ms')).exit, 75);
  assert.equal((await alice('outbox', 'drop', 'm3')).exit, 0);
  await world.startServer();
  assert.equal((await world.run(['-p', 'bob', 'group', 'kick', '#team', 'alice'])).exit, 0);
  const flushed = await alice('flush', '--json');
  assert.equal(flushed.exit, 3);
  assert.deepEqual(
    objects(flushed.stderr).map(({ client_id: id, code }) => [id, code]),
    [
      ['m1', 'not_member'],
      ['m2', 'not_member'],
    ],
  );
  assert.deepEqual(await textsOf(world), ['m4']);
  await world.run(['-p', 'alice', 'group', 'join', '#team']);
  assert.equal((await alice('outbox', 'drop', 'm1')).exit, 0);
  assert.equal((await alice('outbox', 'retry')).exit, 0);
  assert.deepEqual(await queued(world, 'alice'), []);
  assert.deepEqual(
    (await textsOf(world, 'bob', '#team')).filter((text) => typeof text === 'string'),
    ['m2'],
  );
});

test('[OUTBOX-2] two processes of one profile: one owns the outbox, the other hands over through it', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  await world.killServer();
  // Waits with the outbox in its hands.
  const owner = world.start(['-p', 'alice', 'send', '@bob', 'one', '--queue', '--timeout', '60s']);
  await waitFor(
    () => statSync(path.join(world.folder, 'home/alice/store.db.lock'), { throwIfNoEntry: false }) !== undefined,
    owner.stderr,
  );
  const other = world.start(['-p', 'alice', 'send', '@bob', 'two', '--queue', '--timeout', '60s']);
  await waitFor(async () => (await queued(world, 'alice')).length === 2, other.stderr);
  await world.startServer();
  assert.deepEqual([(await owner.ended).exit, (await other.ended).exit], [0, 0]);
  assert.deepEqual(await textsOf(world), ['one', 'two']);
});

test('[OUTBOX-2] [OUTBOX-3] the owner of the outbox is killed: the other process sends what both have written', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  await world.killServer();
  const send = (text: string): Running =>
    world.start(['-p', 'alice', 'send', '@bob', text, '--queue', '--timeout', '60s']);
  const owner = send('one');
  await waitFor(async () => (await queued(world, 'alice')).length === 1, owner.stderr);
  const other = send('two');
  await waitFor(async () => (await queued(world, 'alice')).length === 2, other.stderr);
  const lock = new OutboxLock(path.join(world.folder, 'home/alice/store.db.lock'));
  assert.equal(lock.tryTake(), false, 'it has an owner');
  lock[Symbol.dispose]();
  owner.child.kill('SIGKILL');
  await owner.ended;
  await world.startServer();
  assert.equal((await other.ended).exit, 0);
  assert.deepEqual(await textsOf(world), ['one', 'two']);
});

test('[OUTBOX-1] what is older than 10 minutes is listed as held, and goes with flush --old only', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  await world.killServer();
  for (const id of ['old', 'young'])
    await world.run(['-p', 'alice', 'send', '@bob', id, '--id', id, '--queue', '--timeout', '300ms']);
  const db = new DatabaseSync(path.join(world.folder, 'home/alice/store.db'));
  db.exec(`UPDATE outbox SET created_ms = created_ms - 700000 WHERE client_id = 'old'`);
  db.close();
  await world.startServer();
  const flushed = await world.run(['-p', 'alice', 'flush', '--timeout', '60s', '--json']);
  assert.deepEqual([flushed.exit, objects(flushed.stdout)[0]?.['left']], [75, 2]);
  assert.deepEqual(
    (await queued(world, 'alice')).map(({ client_id: id, state }) => [id, state]),
    [
      ['old', 'held'],
      ['young', 'waiting'],
    ],
  );
  const behind = await world.run(['-p', 'alice', 'send', '@bob', 'later', '--timeout', '300ms']);
  assert.deepEqual([behind.exit, /flush --old/.test(behind.stderr)], [69, true], behind.stderr);
  assert.equal((await world.run(['-p', 'alice', 'flush', '--old'])).exit, 0);
  assert.deepEqual(await textsOf(world), ['old', 'young']);
});

test('[OUTBOX-1] C50: with a token, and in a home that cannot be written to, send works and --queue is refused by name', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  const session = readFileSync(path.join(world.folder, 'home/alice/session.json'), 'utf8');
  const { token } = JSON.parse(session) as { token: string };
  const env = { PARLEY_TOKEN: token, PARLEY_HOME: path.join(world.folder, 'none') };
  assert.equal((await world.run(['send', '@bob', 'hi'], { env })).exit, 0);
  const refused = await world.run(['send', '@bob', 'hi', '--queue'], { env });
  assert.equal(refused.exit, 2);
  assert.equal(statSync(path.join(world.folder, 'none'), { throwIfNoEntry: false }), undefined);
  // A folder in the place of the file stands for one that cannot be written: root may write everywhere.
  const file = path.join(world.folder, 'home/bob/store.db');
  mkdirSync(file, { recursive: true });
  const blocked = await world.run(['-p', 'bob', 'send', '@alice', 'hi', '--queue']);
  assert.equal(blocked.exit, 78);
  assert.match(blocked.stderr, /store\.db/);
  assert.equal((await world.run(['-p', 'bob', 'send', '@alice', 'hi'])).exit, 0);
});

test('[OUTBOX-3] 1,000 sends over a link that drops, while server and sender are killed: none lost, none doubled, in order', async (t) => {
  const world = await World.open(t);
  await world.register('bob');
  const link = await FlakyLink.open(Number(world.server.split(':')[1]));
  t.after(() => link.close());
  // A log-in belongs to the address at which it was made.
  const env = { PARLEY_SERVER: link.address };
  assert.equal((await world.run(['register', 'alice', '--password-stdin'], { stdin: 'a-secret\n', env })).exit, 0);
  link.dropEvery(2_000);
  const texts = Array.from({ length: 1_000 }, (_, index) => `m${index + 1}`);
  const args = ['-p', 'alice', 'send', '@bob', '--lines', '--id', 'run', '--queue', '--timeout', '30s'];
  const kills = { server: 0, sender: 0 };
  for (;;) {
    const sender = world.start(args, { stdin: `${texts.join('\n')}\n`, env });
    if (kills.sender === 10) {
      assert.equal((await sender.ended).exit, 0);
      break;
    }
    // Each run tells again what earlier ones have sent, and then gets a little further.
    const enough = 80 * (kills.sender + 1);
    await waitFor(() => sender.stdout().split('\n').length > enough, sender.stderr);
    if (kills.sender % 2 === 0) {
      await world.killServer();
      await world.startServer();
      kills.server += 1;
    } else {
      link.drop();
    }
    sender.child.kill('SIGKILL');
    kills.sender += 1;
    await sender.ended;
  }
  assert.deepEqual(kills, { server: 5, sender: 10 });
  assert.ok(link.drops >= 5, 'the link dropped');
  assert.deepEqual(await textsOf(world), texts);
  assert.deepEqual(objects((await world.run(['-p', 'alice', 'outbox', '--json'], { env })).stdout), []);
});
