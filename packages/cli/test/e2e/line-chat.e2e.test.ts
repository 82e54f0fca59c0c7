import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { ChatClient, LocalStore, Outbox } from '@parley/client';
import { LineChat } from '../../src/plain/line-chat.ts';
import { World, waitFor } from './world.ts';

const OLD_MS = 11 * 60_000;

/** Line mode as alice has it on a terminal, with her files; what it prints and what it puts into the line. */
interface Screen {
  readonly chat: LineChat;
  readonly printed: () => string;
  readonly line: () => string;
  readonly end: () => Promise<void>;
}

async function openScreen(world: World): Promise<Screen> {
  const file = storeFile(world);
  const client = newClient(world);
  const [outbox, store] = [new Outbox(client, file), new LocalStore(file)];
  let [printed, line] = ['', ''];
  const view = {
    isTerminal: true,
    print: (text: string) => {
      printed += `${text}\n`;
    },
    prompt: () => {},
    setTyped: (text: string) => {
      line = text;
      chat.typed(text);
    },
  };
  const chat: LineChat = new LineChat({ client, server: world.server, disk: { outbox, store } }, view);
  await chat.start();
  await waitFor(
    () => printed.includes('Online'),
    () => printed,
  );
  const end = async (): Promise<void> => {
    chat.stop();
    outbox[Symbol.dispose]();
    store[Symbol.dispose]();
    await client.close();
  };
  return { chat, printed: () => printed, line: () => line, end };
}

function newClient(world: World): ChatClient {
  const session = JSON.parse(readFileSync(path.join(world.folder, 'home/alice/session.json'), 'utf8')) as {
    token: string;
  };
  return new ChatClient({ server: world.server, token: session.token, reconnect: true });
}

function storeFile(world: World): { file: string; account: string } {
  return { file: path.join(world.folder, 'screen/store.db'), account: 'alice' };
}

/** Puts messages into the outbox as if they had been typed eleven minutes ago. */
async function writeLongAgo(world: World, ...texts: readonly string[]): Promise<void> {
  const client = newClient(world);
  using outbox = new Outbox(client, storeFile(world), () => Date.now() - OLD_MS);
  outbox.add(texts.map((text, index) => ({ clientId: `old-${index}`, to: '@bob', text })));
  await client.close();
}

test('messages older than ten minutes are asked about: show lists them, y sends them', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  await writeLongAgo(world, 'ramen?', 'now?');
  const { chat, printed, end } = await openScreen(world);
  assert.match(printed(), /2 messages waited longer than 10 minutes \(11m\)\. Send now\? y sends, n drops, show lists/);
  await chat.enter('show');
  assert.match(printed(), /1 @bob: ramen\?\n2 @bob: now\?\nSend now\?/);
  await chat.enter('y');
  await waitFor(() => /you: ramen\?[^]*you: now\?/.test(printed()), printed);
  await end();
  assert.match((await world.run(['-p', 'bob', 'history', '@alice'])).stdout, /ramen\?\n.*now\?\n$/);
});

test('n drops them and says once more what they were; another line puts the question aside', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  await writeLongAgo(world, 'ramen?');
  const first = await openScreen(world);
  await first.chat.enter('/whoami');
  assert.match(first.printed(), /Still waiting: \/outbox shows them/);
  await first.chat.enter('y');
  assert.match(first.printed(), /No chat is open/);
  await first.end();
  const second = await openScreen(world);
  await second.chat.enter('n');
  assert.match(second.printed(), /Dropped: @bob: ramen\?/);
  await second.chat.enter('/outbox');
  assert.match(second.printed(), /The outbox is empty/);
  await second.end();
});

test('what was typed and not sent is offered again when its chat is opened, also after the end of the program', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob', 'carol');
  for (const name of ['bob', 'carol']) await world.run(['-p', name, 'send', '@alice', 'hi']);
  const first = await openScreen(world);
  await first.chat.enter('/goto @bob');
  first.chat.typed('half a thought');
  assert.equal(first.chat.putAside(), true);
  await first.chat.enter('/goto @carol');
  assert.equal(first.line(), '');
  await first.chat.enter('/goto');
  assert.match(first.printed(), /\d @bob, draft\n/);
  first.chat.typed('/who am i');
  first.chat.typed('another');
  await first.end();
  const second = await openScreen(world);
  await second.chat.enter('/goto @carol');
  assert.equal(second.line(), 'another');
  second.chat.typed('');
  await second.chat.enter('/goto @bob');
  assert.equal(second.line(), 'half a thought');
  second.chat.typed('');
  await second.chat.enter('/goto');
  assert.doesNotMatch(second.printed(), /draft/);
  await second.end();
});

test('lists are numbered, and while no chat is open a number alone picks from the last one', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob', 'carol');
  await world.run(['-p', 'alice', 'friends', 'add', 'bob', 'carol']);
  await world.run(['-p', 'alice', 'group', 'new', 'lunch']);
  const { chat, printed, end } = await openScreen(world);
  await chat.enter('/friend');
  assert.match(printed(), /1 bob, .*\n2 carol, /);
  await chat.enter('2');
  assert.match(printed(), /@carol, nothing new:/);
  await chat.enter('/close');
  await chat.enter('/group members #lunch');
  assert.match(printed(), /1 alice, owner, online\n/);
  await chat.enter('/group');
  await chat.enter('/goto 1');
  assert.match(printed(), /1 #lunch, owner\n#lunch, /);
  await chat.enter('/goto 9');
  assert.match(printed(), /The list has 1 line\. A person's number is written @9\./);
  await world.run(['-p', 'alice', 'group', 'new', 'big crew']);
  for (const name of ['#big crew', '"#big crew"']) {
    await chat.enter('/close');
    await chat.enter(`/goto ${name}`);
    assert.equal(chat.state().open?.conversation, 'g2', name);
  }
  await end();
});

test('[CLI-4] a pasted text that begins like a command is not carried out', async (t) => {
  const world = await World.open(t);
  await world.register('alice');
  const { chat, printed, end } = await openScreen(world);
  await chat.enter('/quit\nand more');
  assert.match(printed(), /A command is one line\./);
  await chat.enter('/whoami');
  assert.match(printed(), /alice \(number 1\)/);
  await end();
});

test('[CLI-4] a text that the server would not even read is refused here, and what follows is sent', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  await world.run(['-p', 'bob', 'send', '@alice', 'hi']);
  const { chat, printed, end } = await openScreen(world);
  await chat.enter('/goto @bob');
  await chat.enter('a long paste\n'.repeat(10_000));
  assert.match(printed(), /Not sent: 130000 bytes, the limit is 8192\. Up brings it back\.\n$/);
  await chat.enter('/msg @bob \u200b');
  assert.match(printed(), /Not sent: there is nothing to see in it\./);
  await chat.enter('ho');
  await waitFor(() => printed().includes('you: ho (sent)'), printed);
  await end();
});

test('what waits is told by the names of its chats; a chat that is opened is shown in one piece', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  await world.run(['-p', 'bob', 'send', '@alice', '--lines'], { stdin: 'one\ntwo\n' });
  const { chat, printed, end } = await openScreen(world);
  for (const command of ['/retry', '/drop']) await chat.enter(command);
  assert.match(printed(), /(?:Nothing waits for a word\..*\n){2}$/);
  await chat.enter('/goto @bob');
  assert.match(printed(), /@bob, 2 new:\n.* bob: one\n.* bob: two\n$/);
  await chat.enter('/close');
  await chat.enter('chat:2:by number');
  await waitFor(() => printed().includes('[@bob] '), printed);
  await world.killServer();
  await waitFor(() => printed().includes('connection lost'), printed);
  await chat.enter('/goto 1');
  await chat.enter('/msg 2 later');
  await chat.enter('/outbox');
  assert.match(printed(), /1 @bob, waiting: later/);
  await end();
});

test('without a link a chat that is known is shown as it is kept, and counts as read once there is one', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  await world.run(['-p', 'bob', 'send', '@alice', 'ramen?']);
  const { chat, printed, end } = await openScreen(world);
  await world.killServer();
  await waitFor(() => printed().includes('connection lost'), printed);
  await chat.enter('/goto @Bob');
  assert.match(printed(), /\n@bob, as kept on this machine:\n.* bob: ramen\?\n$/);
  assert.equal(chat.state().open?.conversation, 'd1-2');
  await chat.enter('/next');
  assert.match(printed(), /\nNothing is unread\.\n$/);
  await chat.enter('/history');
  assert.match(printed(), /\nas kept on this machine\n.* bob: ramen\?\n$/);
  await chat.enter('/goto @carol');
  assert.match(printed(), /There is no connection[^\n]*\n$/);
  await world.startServer();
  await waitFor(async () => (await world.run(['-p', 'alice', 'unread', '--total'])).stdout === '0\n', printed);
  await end();
});
