import assert from 'node:assert/strict';
import { chmodSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { objects, World, waitFor } from './world.ts';

test('[CLI-1] unread ends with 0 when something is unread and with 1 when nothing is; read marks it', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  await world.run(['-p', 'alice', 'send', '@bob', '--lines'], { stdin: 'one\ntwo\n' });
  const bob = async (...args: string[]) => await world.run(['-p', 'bob', ...args]);
  assert.deepEqual([(await bob('unread', '--total')).stdout, (await bob('unread')).exit], ['2\n', 0]);
  assert.deepEqual(objects((await bob('unread', '--json')).stdout), [
    { v: 1, type: 'unread', chat: '@alice', chat_id: 'd1-2', unread: 2 },
  ]);
  assert.equal((await bob('read', '@alice', '#none')).exit, 3);
  assert.deepEqual([(await bob('unread', '--total')).stdout, (await bob('unread')).exit], ['0\n', 1]);
  // What was said does not change the account's private state, of which a copy is kept here now.
  await world.run(['-p', 'alice', 'send', '@bob', 'three']);
  assert.deepEqual([(await bob('unread', '--total')).stdout, (await bob('unread')).exit], ['1\n', 0]);
  assert.equal(objects((await bob('ls', '--json')).stdout)[0]?.['seq'], 3);
  assert.match((await bob('read', '--all')).stdout, /@alice: read up to 3/);
  assert.equal((await bob('unread')).exit, 1);
  assert.equal((await bob('read')).exit, 2);
});

test('[CLI-2] export writes all of a chat, exact as JSON, harmless as text and HTML', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  const text = '<b>\x1b[31m & \u202e';
  await world.run(['-p', 'alice', 'send', '@bob'], { stdin: text });
  const [entry] = objects((await world.run(['-p', 'bob', 'export', '@alice'])).stdout);
  assert.equal(entry?.['text'], text);
  const file = path.join(world.folder, 'chat.html');
  assert.equal((await world.run(['-p', 'bob', 'export', '@alice', '--format', 'html', '-o', file])).exit, 0);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const page = readFileSync(file, 'utf8');
  assert.match(page, /alice: &lt;b&gt;/);
  assert.doesNotMatch(page, /[[\p{Cc}\u202e]--\n]/v);
  const plain = await world.run(['-p', 'bob', 'export', '@alice', '--format', 'text']);
  assert.doesNotMatch(plain.stdout, /[[\p{Cc}\u202e]--\n]/v);
  assert.equal((await world.run(['-p', 'bob', 'export', '@alice', '-o', file])).exit, 1, 'no file is written over');
});

test('[CLI-2] rpc answers each request under its ref, tells what happens meanwhile, and ends with stdin', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  const rpc = world.start(['-p', 'bob', 'rpc']);
  const told = () => objects(rpc.stdout());
  await waitFor(() => told().some(({ type }) => type === 'conn'), rpc.stderr);
  await world.run(['-p', 'alice', 'send', '@bob', 'hello']);
  await waitFor(() => told().some(({ text }) => text === 'hello'), rpc.stderr);
  const requests = [
    { op: 'send', ref: 1, to: '@alice', text: 'and you', id: 'r1' },
    { op: 'send', ref: 2, to: '@nobody', text: 'x' },
    { op: 'createGroup', ref: 3, name: 'bots' },
    { op: 'logout', ref: 4 },
    { op: 'history', ref: 5, conversation: 'd1-2' },
  ];
  rpc.child.stdin.end(`${requests.map((request) => JSON.stringify(request)).join('\n')}\nnot json\n`);
  assert.equal((await rpc.ended).exit, 0);
  const answers = new Map(
    told()
      .filter(({ type }) => type === 'ok' || type === 'error')
      .map((answer) => [answer['ref'], answer]),
  );
  assert.equal(answers.get(1)?.['client_id'], 'r1');
  assert.equal(answers.get(2)?.['code'], 'no_such_user');
  assert.equal(answers.get(3)?.['conversation'], 'g1');
  assert.equal(answers.get(4)?.['code'], 'usage');
  assert.ok(Array.isArray(answers.get(5)?.['entries']));
  assert.equal(answers.get(null)?.['code'], 'usage');
});

test('[SEND-2] [CLI-2] rpc takes the client id of a send under either name, and never makes one in place of it', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  const requests = [
    { op: 'send', ref: 1, to: '@bob', text: 'once', clientId: 'c1' },
    { op: 'send', ref: 2, to: '@bob', text: 'once', id: 'c1' },
    { op: 'send', ref: 3, to: '@bob', text: 'x', id: 5 },
    { op: 'send', ref: 4, to: '@bob', text: 'x', clientId: null },
    { op: 'whois', ref: 5, user: 'bob', id: 1 },
    { op: 'whois', ref: 6, user: 'bob', id: 'x' },
  ];
  const stdin = requests.map((request) => `${JSON.stringify(request)}\n`).join('');
  const answers = objects((await world.run(['-p', 'alice', 'rpc'], { stdin })).stdout).filter(({ ref }) => ref);
  const byRef = new Map(answers.map((answer) => [answer['ref'], answer]));
  assert.deepEqual([byRef.get(1)?.['id'], byRef.get(2)?.['id']], ['d1-2/1', 'd1-2/1']);
  assert.deepEqual([byRef.get(3)?.['code'], byRef.get(4)?.['code']], ['usage', 'usage']);
  for (const ref of [5, 6]) assert.deepEqual(byRef.get(ref)?.['user'], { id: 2, name: 'bob' });
});

test('[OUTBOX-3] [CLI-2] rpc refuses what the server would not take, and goes on', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  const long = 'x'.repeat(70_000);
  const requests = [
    { op: 'send', ref: 1, to: '@bob', text: long },
    { op: 'send', ref: 2, to: '@bob', text: '\0' },
    { op: 'send', ref: 3, to: '@bob', text: 'x', id: 'a b' },
    { op: 'createGroup', ref: 4, name: long },
    { op: 'send', ref: 5, to: '@bob', text: 'well' },
  ];
  const stdin = requests.map((request) => `${JSON.stringify(request)}\n`).join('');
  for (const env of [{}, { PARLEY_TOKEN: tokenOf(world, 'alice') }]) {
    const { stdout } = await world.run(['-p', 'alice', 'rpc'], { stdin, env });
    const answers = objects(stdout).filter(({ ref }) => ref !== undefined);
    assert.deepEqual(
      answers.toSorted((a, b) => Number(a['ref']) - Number(b['ref'])).map(({ type, code }) => code ?? type),
      ['text_too_long', 'text_malformed', 'bad_client_id', 'frame_too_long', 'ok'],
    );
  }
  assert.match((await world.run(['-p', 'alice', 'outbox'])).stderr, /empty/);
});

test('[CLI-1] config keeps settings for the next runs; doctor finds what is wrong, and ends so', async (t) => {
  const world = await World.open(t);
  await world.register('alice');
  assert.equal((await world.run(['config', 'set', 'json', 'true'])).exit, 0);
  assert.equal(objects((await world.run(['whoami'])).stdout)[0]?.['type'], 'whoami');
  assert.equal((await world.run(['config', 'set', 'nonsense', 'true'])).exit, 2);
  assert.equal((await world.run(['config', 'unset', 'json'])).exit, 0);
  assert.match((await world.run(['whoami'])).stdout, /^alice/);
  const well = await world.run(['doctor']);
  assert.equal(well.exit, 0);
  assert.match(well.stdout, /^ok {3}server .* logged in as alice$/m);
  await world.run(['ls']);
  chmodSync(path.join(world.folder, 'home/alice/store.db'), 0o644);
  const open = await world.run(['doctor']);
  assert.deepEqual([open.exit, /^BAD {2}file .*store\.db: 644$/m.test(open.stdout)], [1, true], open.stdout);
  await world.killServer();
  const ill = await world.run(['doctor', '--timeout', '2s']);
  assert.equal(ill.exit, 69);
  assert.match(ill.stdout, /^BAD {2}server /m);
});

test('[CLI-3] config keeps no value that would stop every verb, mends one that does, and loses nothing on a link (C51)', async (t) => {
  const world = await World.open(t);
  const config = async (...args: string[]) => await world.run(['config', ...args]);
  for (const [key, value] of [
    ['timeout', 'abc'],
    ['server', '1.2.3.4:99999'],
    ['quiet', 'maybe'],
    ['say', 'never'],
  ] as const) {
    assert.equal((await config('set', key, value)).exit, 2, key);
  }
  assert.equal((await config('set', 'screen-reader', 'true')).exit, 0);
  assert.equal((await config('ls')).stdout, 'screen-reader = true\n');
  const file = path.join(world.folder, 'home/config.toml');
  const edited = await world.run(['config', 'edit'], { env: { VISUAL: `printf '%s|' editor` } });
  assert.deepEqual(edited, { exit: 0, stdout: `editor|${file}|`, stderr: '' }, 'the editor is given the file alone');
  const kept = path.join(world.folder, 'dotfiles.toml');
  writeFileSync(kept, 'timeout = "abc"\n', { mode: 0o640 });
  rmSync(file);
  symlinkSync(kept, file);
  const ill = await world.run(['whoami']);
  assert.deepEqual([ill.exit, ill.stderr.includes(file)], [78, true], ill.stderr);
  assert.equal((await config('unset', 'timeout')).exit, 0);
  assert.deepEqual([readFileSync(kept, 'utf8'), statSync(kept).mode & 0o777], ['', 0o640]);
  assert.equal((await world.run(['whoami'])).exit, 4);
});

test('[CLI-1] doctor reports on the file that --config names, and one that is not there is an error', async (t) => {
  const world = await World.open(t);
  const file = path.join(world.folder, 'other.toml');
  writeFileSync(file, 'timeout = "5s"\n');
  const well = await world.run(['doctor', '--config', file, '--json']);
  assert.equal(well.exit, 0, well.stderr);
  const settings = objects(well.stdout).find(({ about }) => about === 'settings');
  assert.equal(settings?.['text'], `${file}; profile: none yet`);
  const missing = await world.run(['doctor', '--config', `${file}.none`]);
  assert.deepEqual([missing.exit, missing.stderr.includes(`${file}.none`)], [78, true], missing.stderr);
  writeFileSync(file, 'timeout = "abc"\n');
  const ill = await world.run(['doctor', '--config', file]);
  assert.deepEqual([ill.exit, ill.stderr.includes(file)], [78, true], ill.stderr);
});

test('[CLI-2] rpc says 2 of a request in which the server finds no sense, and goes on', async (t) => {
  const world = await World.open(t);
  await world.register('alice');
  const requests = [
    '{"op":"history","ref":1,"conversation":5}',
    '{"op":"nonsense","ref":2}',
    '[]',
    '{"op":"friends","ref":3}',
  ];
  const { exit, stdout } = await world.run(['-p', 'alice', 'rpc'], { stdin: `${requests.join('\n')}\n` });
  assert.equal(exit, 0);
  const answers = objects(stdout).filter(({ ref }) => ref !== undefined);
  assert.deepEqual(
    answers.map(({ ref, exit: code }) => [ref, code]).toSorted((a, b) => Number(a[0]) - Number(b[0])),
    [
      [null, 2],
      [1, 2],
      [2, 2],
      [3, undefined],
    ],
  );
});

test('[NAME-1] names of what is kept here are completed, and history --offline finds them however they are written', async (t) => {
  const world = await World.open(t);
  await world.register('Alice', 'bob');
  const bob = async (...args: string[]) => await world.run(['-p', 'bob', ...args]);
  await world.run(['-p', 'Alice', 'send', '@bob', 'hi']);
  for (const group of ['Crew', 'Left']) await bob('group', 'new', group);
  await bob('group', 'leave', 'Left');
  await bob('friends', 'add', 'alice');
  await bob('ls');
  await bob('history', '@alice');
  await world.killServer();
  assert.equal((await bob('completion', '--names')).stdout, '@Alice\n#Crew\n');
  for (const name of ['@Alice', '@ALICE', 'u1', 'd1-2'])
    assert.match((await bob('history', name, '--offline')).stdout, /Alice: hi\n$/, name);
  assert.equal((await bob('history', '#crew', '--offline')).exit, 0);
  const nobody = await world.run(['-p', 'nobody', 'completion', '--names']);
  assert.deepEqual([nobody.exit, nobody.stdout, nobody.stderr], [0, '', '']);
});

function tokenOf(world: World, name: string): string {
  const file = path.join(world.folder, 'home', name, 'session.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { token: string }).token;
}
