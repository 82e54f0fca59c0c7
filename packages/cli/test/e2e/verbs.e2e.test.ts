import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import { LocalStore } from '@parley/client';
import { objects, World } from './world.ts';

test('two people on one machine: register, befriend, write, read', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  assert.match((await world.run(['whoami'])).stdout, /^bob \(number 2\)/);
  assert.equal((await world.run(['-p', 'alice', 'friends', 'add', 'bob'])).exit, 0);
  assert.match((await world.run(['-p', 'bob', 'friends'])).stdout, /^alice .*friends add accepts/);
  const sent = await world.run(['-p', 'alice', 'send', '@bob', 'count', 'me', 'in', '--json', '--id', 'k1']);
  const { ts, ...rest } = objects(sent.stdout)[0] ?? {};
  assert.match(String(ts), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert.deepEqual(rest, {
    v: 1,
    type: 'sent',
    id: 'd1-2/1',
    client_id: 'k1',
    chat: '@bob',
    seq: 1,
    state: 'sent',
    duplicate: false,
  });
  assert.equal(
    (await world.run(['-p', 'bob', 'ls', '--json', '--fields', 'chat,unread'])).stdout,
    '{"chat":"@alice","unread":1}\n',
  );
  assert.match((await world.run(['-p', 'bob', 'history', '@alice'])).stdout, /^\d\d:\d\d alice: count me in\n$/);
  const [message] = objects((await world.run(['-p', 'bob', 'history', '@alice', '--json'])).stdout);
  assert.equal(message?.['text'], 'count me in');
});

test('[CLI-2] [TERM-1] hostile text is exact in JSON and shown as symbols to people', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  const text = 'a\x1b]52;c;x\x07b\x9b31m\u202ec\nd';
  assert.equal((await world.run(['-p', 'alice', 'send', '@bob'], { stdin: text })).exit, 0);
  const json = await world.run(['-p', 'bob', 'tail', '--json']);
  const message = objects(json.stdout).find((object) => object['type'] === 'message');
  assert.equal(message?.['text'], text);
  assert.doesNotMatch(json.stdout, /[\p{Cc}--\n]/v);
  for (const verb of [['tail'], ['history', '@alice']]) {
    const { stdout } = await world.run(['-p', 'bob', ...verb]);
    assert.doesNotMatch(stdout, /[[\p{Cc}\u202e]--\n]/v);
    assert.match(stdout, /alice: a␛/);
  }
});

test('groups: made, joined, written to, left, with roles', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob', 'carol');
  const as = async (who: string, ...args: string[]): Promise<string> => {
    const ran = await world.run(['-p', who, ...args]);
    assert.equal(ran.exit, 0, ran.stderr);
    return ran.stdout;
  };
  assert.match(await as('alice', 'group', 'new', 'lunch', 'where', 'we', 'eat'), /^Made #lunch, number 1\./);
  await as('bob', 'group', 'join', '#lunch');
  await as('carol', 'group', 'join', '1');
  await as('bob', 'send', '#lunch', 'ramen?');
  await as('alice', 'group', 'role', 'lunch', 'bob', 'admin');
  await as('bob', 'group', 'kick', 'lunch', 'carol');
  assert.match(await as('alice', 'group', 'members', 'lunch'), /^alice +owner .*\nbob +admin .*\n$/);
  await as('bob', 'group', 'leave', 'lunch');
  const kinds = objects(await as('alice', 'history', '#lunch', '--json')).map((object) => object['type']);
  assert.deepEqual(kinds, ['create', 'join', 'join', 'message', 'role', 'kick', 'leave']);
  assert.match(await as('alice', 'group', 'list'), /^#lunch +g1 +owner +where we eat\n$/);
});

test('--lines sends one message a line, in order; a repeat with the same --id is stored once', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  const lines = Array.from({ length: 150 }, (_, index) => `line ${index + 1}`);
  const args = ['-p', 'alice', 'send', '@bob', '--lines', '--id', 'job', '-q'];
  assert.equal((await world.run(args, { stdin: lines.join('\n') })).exit, 0);
  const again = await world.run([...args, '--json'], { stdin: `${lines.join('\n')}\n` });
  assert.ok(objects(again.stdout).every((object) => object['duplicate'] === true));
  const read = await world.run(['-p', 'bob', 'history', '@alice', '--all', '--json']);
  assert.deepEqual(
    objects(read.stdout).map((object) => object['text']),
    lines,
  );
  const changed = await world.run(args, { stdin: 'line 1\nanother line\n' });
  assert.equal(changed.exit, 3);
  assert.match(changed.stderr, /client id was used/);
});

test('history pages in both directions', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  const lines = Array.from({ length: 30 }, (_, index) => `m${index + 1}`);
  await world.run(['-p', 'alice', 'send', '@bob', '--lines', '-q'], { stdin: lines.join('\n') });
  const texts = async (...flags: string[]): Promise<unknown[]> =>
    objects((await world.run(['-p', 'bob', 'history', '@alice', '--json', ...flags])).stdout).map(
      (object) => object['text'],
    );
  assert.deepEqual(await texts('-n', '2'), ['m29', 'm30']);
  assert.deepEqual(await texts('--before', '4'), ['m1', 'm2', 'm3']);
  assert.deepEqual(await texts('--after', '28'), ['m29', 'm30']);
  assert.deepEqual(await texts('--after', '10', '-n', '2'), ['m11', 'm12']);
});

test('[AUTH-3] [CLI-3] logging out voids the token and removes the file; devices are listed and revoked', async (t) => {
  const world = await World.open(t);
  await world.register('alice');
  const second = await world.run(['login', 'alice', '-p', 'other', '--password-stdin', '--device', 'laptop'], {
    stdin: 'secret-of-alice\n',
  });
  assert.equal(second.exit, 0, second.stderr);
  const devices = objects((await world.run(['-p', 'alice', 'devices', '--json'])).stdout);
  assert.deepEqual(
    devices
      .map((device) => `${String(device['id'])} ${String(device['current'])}`)
      .toSorted((a, b) => a.localeCompare(b)),
    ['1 true', '2 false'],
  );
  assert.equal((await world.run(['-p', 'alice', 'devices', 'revoke', '2'])).exit, 0);
  assert.equal((await world.run(['-p', 'other', 'whoami'])).exit, 4);
  assert.equal((await world.run(['-p', 'alice', 'logout'])).exit, 0);
  assert.equal((await world.run(['-p', 'alice', 'whoami'])).exit, 4);
});

test('ls marks chats with a draft, also from what is kept here', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  await world.run(['-p', 'alice', 'send', '@bob', 'hi']);
  const ls = async (...more: string[]): Promise<string> => (await world.run(['-p', 'alice', 'ls', ...more])).stdout;
  assert.match(await ls(), /^@bob +- unread {2}d1-2\n$/);
  const store = new LocalStore({
    file: path.join(world.folder, 'home/alice/store.db'),
    account: `alice (1) at ${world.server}`,
  });
  store.setDraft('d1-2', 'half a thought');
  store[Symbol.dispose]();
  for (const more of [[], ['--offline']]) {
    assert.match(await ls(...more), /^@bob +- unread {2}d1-2 {2}draft\n$/);
    assert.equal(objects(await ls('--json', ...more))[0]?.['draft'], true);
  }
});
