import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { objects, type Ran, World, waitFor } from './world.ts';

async function textsOf(world: World, who: string, chat: string): Promise<unknown[]> {
  const { stdout } = await world.run(['-p', who, 'history', chat, '--json']);
  return objects(stdout).flatMap(({ type, text }) => (type === 'message' ? [text] : []));
}

test('script carries out colon and slash commands from a file, in order, and inside a chat lines are text', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  await world.run(['-p', 'bob', 'send', '@alice', 'new to you']);
  const file = path.join(world.folder, 'commands');
  const lines = [
    '#!/usr/bin/env -S parley script',
    'creategroup:crew:who: sails',
    '',
    'groupchat:crew:one: two',
    'chat:bob:hi',
    '/goto @bob',
    'help',
    '//slash',
    '/close',
    'addfriend:bob',
    '/friend',
    '/quit',
    'chat:bob:never',
  ];
  writeFileSync(file, lines.join('\r\n'));
  const ran = await world.run(['-p', 'alice', 'script', file]);
  assert.equal(ran.exit, 0, ran.stderr);
  assert.match(
    ran.stdout,
    /Made #crew, number 1\.[^]*Sent: g1\/2\.\nSent: d1-2\/2\.\n[^]*new to you[^]*\n1 bob, \w+, asked\n/,
  );
  assert.deepEqual(await textsOf(world, 'alice', '#crew'), ['one: two']);
  assert.deepEqual(await textsOf(world, 'bob', '@alice'), ['new to you', 'hi', 'help', '/slash']);
  assert.equal((await world.run(['-p', 'alice', 'unread'])).exit, 1, 'what was shown is read');
});

test('names with blanks are one name: in the colon commands, in quotes, and where they are known', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'Bob Lee');
  const crew = ['creategroup:my:x', 'groupchat:my:only this', 'creategroup:my team:who sails', 'groupchat:my team:one'];
  const people = ['addfriend:Bob Lee', 'chat:Bob Lee:hi', '/msg #my team two', '/msg "@Bob Lee" there'];
  const alice = await world.run(['-p', 'alice', 'script', '-e'], { stdin: [...crew, ...people].join('\n') });
  assert.deepEqual([alice.exit, alice.stderr], [0, '']);
  const bob = await world.run(['-p', 'Bob Lee', 'script', '-e'], {
    stdin: 'addgroup:my team\n/group leave my team\n/group join my team\n/group members my team\n',
  });
  assert.deepEqual([bob.exit, bob.stderr], [0, '']);
  assert.match(bob.stdout, /1 alice, owner/);
  assert.deepEqual(await textsOf(world, 'alice', '#my'), ['only this']);
  assert.deepEqual(await textsOf(world, 'alice', '#my team'), ['one', 'two']);
  assert.deepEqual(await textsOf(world, 'Bob Lee', '@alice'), ['hi', 'there']);
});

test('[CLI-1] [CLI-2] script: what fails is told with its line; 3, or with -e its own code and no further', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  const stdin = Buffer.concat([
    Buffer.from('chat:bob:a\nchat:nobody:b\n/nonsense\nchat:bob:\n'),
    Buffer.from([0xff, 10]),
  ]);
  const script = async (...args: string[]): Promise<Ran> =>
    await world.run(['-p', 'alice', 'script', '--json', ...args], {
      stdin: Buffer.concat([stdin, Buffer.from('chat:bob:c')]),
    });
  const all = await script();
  assert.equal(all.exit, 3);
  assert.deepEqual(
    objects(all.stderr).map(({ message, exit }) => [/^Line \d+/.exec(String(message))?.[0], exit]),
    [
      ['Line 2', 5],
      ['Line 3', 2],
      ['Line 4', 2],
      ['Line 5', 2],
    ],
  );
  assert.deepEqual(
    objects(all.stdout).map(({ type, chat }) => [type, chat]),
    [
      ['sent', '@bob'],
      ['sent', '@bob'],
    ],
  );
  assert.equal((await script('-e')).exit, 5);
  assert.deepEqual(await textsOf(world, 'bob', '@alice'), ['a', 'c', 'a']);
  assert.equal((await world.run(['-p', 'alice', 'script'], { stdin: '/nonsense\n' })).exit, 2);
  assert.equal((await world.run(['-p', 'alice', 'script', '/nonexistent'])).exit, 1);
  assert.equal((await world.run(['-p', 'alice', 'script'])).exit, 0, 'nothing to do');
});

test('[CLI-1] script carries out each line as it comes, and logout ends the log-in', async (t) => {
  const world = await World.open(t);
  await world.register('alice');
  const running = world.start(['script']);
  running.child.stdin.write('/whoami\n');
  await waitFor(() => running.stdout().includes('alice (number 1)'), running.stderr);
  running.child.stdin.write('logout\n');
  assert.equal((await running.ended).exit, 0);
  assert.equal((await world.run(['whoami'])).exit, 4);
});
