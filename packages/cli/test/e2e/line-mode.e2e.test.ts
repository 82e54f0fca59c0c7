import assert from 'node:assert/strict';
import test from 'node:test';
import { World, waitFor } from './world.ts';

test('[CLI-4] line mode on a pipe: menu, colon commands, a chat, and nothing like a command is sent', async (t) => {
  const world = await World.open(t);
  await world.register('bob');
  const script = [
    '2',
    'alice',
    'secret-of-alice',
    'addfriend:1',
    'creategroup:crew:we: sail',
    'chat:1:hi: there',
    'groupchat:1:ahoy',
    '/goto @bob',
    '/passwrod x',
    ' /login bob',
    'help',
    '//slash',
    '/quit',
  ];
  const ran = await world.run([], { stdin: `${script.join('\n')}\n`, env: { PARLEY_PROFILE: 'alice' } });
  assert.equal(ran.exit, 0, ran.stderr);
  assert.match(ran.stdout, /^1 login {2}2 register {2}3 quit\n/);
  assert.match(ran.stdout, /Made #crew, number 1\./);
  assert.match(ran.stdout, /No command \/passwrod\./);
  assert.doesNotMatch(ran.stdout, /secret-of-alice/);
  const { stdout } = await world.run(['-p', 'bob', 'history', '@alice', '--json', '--fields', 'text']);
  assert.equal(stdout, '{"text":"hi: there"}\n{"text":"help"}\n{"text":"/slash"}\n');
  assert.match((await world.run(['-p', 'bob', 'friends'])).stdout, /^alice/);
});

test('what was sent to someone who was away waits, and is told at the log-in', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  await world.run(['-p', 'alice', 'send', '@bob', 'ramen?']);
  const ran = await world.run(['-p', 'bob'], { stdin: '/next\n/quit\n' });
  assert.match(ran.stdout, /1 new message in 1 chat\. .*\n@alice, 1 new:\n\d\d:\d\d alice: ramen\?\n/);
});

test('[CLIENT-1] a message typed while the server is away is sent once it is back', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  const chat = world.start(['-p', 'alice']);
  await waitFor(() => chat.stdout().includes('Online'), chat.stderr);
  chat.child.stdin.write('/goto @bob\n');
  await waitFor(() => chat.stdout().includes('@bob'), chat.stderr);
  await world.killServer();
  await waitFor(() => chat.stdout().includes('connection lost'), chat.stderr);
  chat.child.stdin.write('at the lift\n');
  await waitFor(() => chat.stdout().includes('(waiting, 1 in all)'), chat.stderr);
  await world.startServer();
  await waitFor(() => chat.stdout().includes('at the lift (sent)'), chat.stdout);
  chat.child.stdin.end('/quit\n');
  assert.equal((await chat.ended).exit, 0);
  assert.match((await world.run(['-p', 'bob', 'history', '@alice'])).stdout, /alice: at the lift\n$/);
});

test('[CLI-1] the menu without a log-in ends with 4 on a pipe; a quit is a quit', async (t) => {
  const world = await World.open(t);
  assert.equal((await world.run([])).exit, 4);
  assert.equal((await world.run([], { stdin: '3\n' })).exit, 0);
  const wrong = await world.run([], { stdin: '1\nnobody\nwrong-password\n' });
  assert.match(wrong.stdout, /Unknown user or wrong password/);
  assert.equal(wrong.exit, 4);
});
