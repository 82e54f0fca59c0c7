import assert from 'node:assert/strict';
import test from 'node:test';
import { objects, World, waitFor } from './world.ts';

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

test('the ancestor’s commands work while no chat is open: by number and by name, and logout leads to the menu', async (t) => {
  const world = await World.open(t);
  await world.register('bob');
  await world.run(['-p', 'bob', 'group', 'new', 'crew']);
  const script = `1 nobody wrong-password 2 alice secret-of-alice
    help addgroup:1 groupchat:crew:ahoy:there chat:bob:hi chat:0:nobody chat: hello logout
    login 2 secret-of-alice addfriend:bob logout 3`.split(/\s+/);
  const ran = await world.run([], { stdin: `${script.join('\n')}\n`, env: { PARLEY_PROFILE: 'alice' } });
  assert.equal(ran.exit, 0, ran.stdout + ran.stderr);
  assert.match(ran.stdout, /Unknown user or wrong password/);
  assert.match(ran.stdout, /While no chat is open these work as well: help, chat:ID:TEXT/);
  assert.match(ran.stdout, /Joined #1\./);
  assert.match(ran.stdout, /@0 is no number of a person or group\./);
  assert.match(ran.stdout, /Write chat:ID:TEXT\nNo chat is open\./);
  assert.match(ran.stdout, /bob: done \(add\)\./);
  assert.equal(ran.stdout.match(/1 login {2}2 register {2}3 quit/g)?.length, 4);
  const history = async (where: string): Promise<string> => (await world.run(['-p', 'bob', 'history', where])).stdout;
  assert.match(await history('#crew'), /alice: ahoy:there\n$/);
  assert.match(await history('@alice'), /alice: hi\n$/);
});

test('[CLI-1] line mode ends quietly when the reader of its pipe has gone', async (t) => {
  const world = await World.open(t);
  await world.register('alice');
  const chat = world.start(['-p', 'alice']);
  await waitFor(() => chat.stdout().includes('Online'), chat.stderr);
  chat.child.stdout.destroy();
  chat.child.stdin.write('/whoami\n/help\n/help\n');
  const { exit, stderr } = await chat.ended;
  assert.deepEqual([exit, stderr], [0, '']);
});

test('what was sent to someone who was away waits, and is told at the log-in', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  await world.run(['-p', 'alice', 'send', '@bob', '@Bob, ramen?']);
  const ran = await world.run(['-p', 'bob'], { stdin: '/next\n/next\n/quit\n' });
  assert.match(ran.stdout, /1 new message in 1 chat\. .*\n@alice, 1 new:\n\d\d:\d\d alice, to you: @Bob, ramen\?\n/);
  assert.match(ran.stdout, /\nend of @alice\. Nothing else is unread\.\nNothing is unread\.\n$/);
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

test('[OUTBOX-1] what was typed and not sent when the chat is left, or dies, goes when the next one begins', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  await world.run(['-p', 'alice', 'send', '@bob', 'first']);
  for (const [text, exit] of [
    ['left behind', 75],
    ['cut off', 'SIGKILL'],
  ] as const) {
    const chat = world.start(['-p', 'alice']);
    chat.child.stdin.write('/goto @bob\n');
    await waitFor(() => chat.stdout().includes('@bob,'), chat.stderr);
    await world.killServer();
    await waitFor(() => chat.stdout().includes('connection lost'), chat.stdout);
    chat.child.stdin.write(`${text}\n`);
    await waitFor(() => chat.stdout().includes('(waiting'), chat.stdout);
    if (exit === 'SIGKILL') chat.child.kill('SIGKILL');
    else chat.child.stdin.end('/quit\n');
    assert.equal((await chat.ended).exit, exit);
    // Without a link, what is kept waits for nothing.
    if (exit === 75) assert.match(chat.stdout(), /waiting, 1 in all\)\n1 message not sent yet, kept in the outbox/);
    await world.startServer();
  }
  const next = world.start(['-p', 'alice']);
  const texts = async (): Promise<string> => (await world.run(['-p', 'bob', 'history', '@alice'])).stdout;
  await waitFor(() => next.stdout().includes('Online'), next.stderr);
  let seen = '';
  while (!seen.includes('cut off')) seen = await texts();
  assert.match(seen, /first\n.*left behind\n.*cut off\n$/);
  next.child.stdin.end('/quit\n');
  assert.equal((await next.ended).exit, 0);
});

test('/quit says that it waits for a server that does not answer', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  const chat = world.start(['-p', 'alice']);
  await waitFor(() => chat.stdout().includes('Online'), chat.stderr);
  world.stopServer('SIGSTOP');
  chat.child.stdin.end('/msg @bob hello\n/quit\n');
  assert.equal((await chat.ended).exit, 75);
  assert.match(chat.stdout(), /\n1 message not confirmed yet, waiting for a moment\.\n1 message not sent yet, kept/);
});

test('a chat that was followed can be read without the server, and unread is known', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  await world.run(['-p', 'alice', 'send', '@bob', '--lines'], { stdin: 'one\ntwo\n' });
  const chat = world.start(['-p', 'bob']);
  await waitFor(() => chat.stdout().includes('2 new messages'), chat.stderr);
  await world.run(['-p', 'alice', 'send', '@bob', 'three']);
  await waitFor(() => chat.stdout().includes('three'), chat.stderr);
  chat.child.stdin.end('/quit\n');
  await chat.ended;
  await world.killServer();
  const bob = async (...args: string[]) => await world.run(['-p', 'bob', ...args, '--offline']);
  assert.match((await bob('history', '@alice')).stdout, /one\n.*two\n.*three\n$/);
  assert.match((await bob('ls')).stdout, /^@alice/);
  assert.equal((await bob('history', '@nobody')).exit, 5);
  assert.equal((await bob('unread', '--total')).stdout, '3\n');
  // The next log-in begins where this one ended: what came then, and was not read, is new still.
  await world.startServer();
  const between = await world.run(['-p', 'bob'], { stdin: '/quit\n' });
  assert.match(between.stdout, /3 new messages in 1 chat/);
  await world.run(['-p', 'alice', 'send', '@bob', 'four']);
  const again = world.start(['-p', 'bob']);
  await waitFor(() => again.stdout().includes('4 new messages'), again.stdout);
  again.child.stdin.end('/quit\n');
  await again.ended;
  assert.match((await bob('history', '@alice')).stdout, /one\n.*two\n.*three\n.*four\n$/);
});

test('[POS-1] every chat that was read is read for good, however soon the next one is opened or the program ends', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob', 'carol');
  for (const name of ['bob', 'carol']) await world.run(['-p', name, 'send', '@alice', `from ${name}`]);
  const unread = async (): Promise<string> => (await world.run(['-p', 'alice', 'unread', '--total'])).stdout;
  assert.equal(await unread(), '2\n');
  const { stdout } = await world.run(['-p', 'alice'], { stdin: '/next\n/next\n' });
  assert.match(stdout, /from bob[^]*from carol/);
  assert.equal(await unread(), '0\n');
});

test('[CLI-4] C51: a disk that is full ends no chat: what cannot be kept is said, and what was typed is shown again', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  // No file grows beyond 100 KiB, and who tries is told.
  const under = ['bash', '-c', `trap '' XFSZ; ulimit -f 100; exec "$0" "$@"`];
  const chat = world.start(['-p', 'alice'], { under });
  await waitFor(() => chat.stdout().includes('Online'), chat.stderr);
  const lines = Array.from({ length: 30 }, (_, index) => `${index} ${'x'.repeat(8_000)}\n`);
  await world.run(['-p', 'bob', 'send', '@alice', '--lines'], { stdin: lines.join('') });
  await waitFor(() => /no longer kept on disk/.test(chat.stdout()), chat.stderr);
  chat.child.stdin.write('/goto @bob\nstill here\n');
  // What little a message takes may still find room.
  await waitFor(() => /(still here \(sent\)|Not sent: .* still here)\n/.test(chat.stdout()), chat.stderr);
  chat.child.stdin.end();
  const { exit, stdout, stderr } = await chat.ended;
  assert.deepEqual([exit, /bug/.test(stdout + stderr)], [0, false], stderr);
});

test('[CLI-4] a line of a pipe that is not UTF-8 is refused in its turn; U+2028 ends no line', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  const lines = [
    Buffer.from('/msg @bob one\n/msg @bob '),
    Buffer.from([0xff, 0x0a]),
    Buffer.from('/msg @bob Ж\u2028two\n'),
  ];
  const { exit, stdout } = await world.run(['-p', 'alice'], { stdin: Buffer.concat(lines) });
  assert.equal(exit, 0, stdout);
  assert.equal(stdout.match(/The line is not UTF-8: nothing was done with it\./g)?.length, 1);
  const history = await world.run(['-p', 'bob', 'history', '@alice', '--json', '--fields', 'text']);
  assert.deepEqual(objects(history.stdout), [{ text: 'one' }, { text: 'Ж\u2028two' }]);
});
