import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ClassicClient, type ClassicFrame } from '@parley/testkit';
import { embeddedNode, newUser, type RawPeer } from '../../e2e/embedded-node.ts';
import { PlainHasher } from '../test-node.ts';

const PASSWORD = 'correct horse';

interface Person {
  readonly client: ClassicClient;
  readonly id: number;
}

/** A server with the pace of 20 ms that real clients get, and cheap passwords. */
async function world(t: TestContext) {
  const server = await embeddedNode(t, {}, { hasher: new PlainHasher() });
  const clients: ClassicClient[] = [];
  t.after(() => {
    for (const client of clients) client.reset();
  });
  async function connect(): Promise<ClassicClient> {
    const client = await ClassicClient.connect(server.port);
    clients.push(client);
    return client;
  }
  async function person(name: string): Promise<Person> {
    const client = await connect();
    const id = await client.register(name, PASSWORD);
    await client.login(id, PASSWORD);
    return { client, id };
  }
  async function back(id: number): Promise<{ client: ClassicClient; ack: ClassicFrame }> {
    const client = await connect();
    return { client, ack: await client.login(id, PASSWORD) };
  }
  async function leave({ client }: Person): Promise<void> {
    client.close();
    await client.until(({ isClosed }) => isClosed, 'the end');
  }
  return { server, connect, person, back, leave };
}

function texts(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `message ${index + 1}`);
}

async function say(sender: RawPeer, to: number, said: readonly string[]): Promise<void> {
  for (const text of said) await sender.get('send', { to: `u${to}`, text, clientId: `c-${text.replaceAll(' ', '-')}` });
}

function people(ack: ClassicFrame, list: 'friends' | 'groups'): Record<string, unknown>[] {
  return ((ack[list] ?? []) as string[]).map((text) => JSON.parse(text) as Record<string, unknown>);
}

test('[CLASSIC-1] 30 friends, groups of 20, 40 waiting messages and 8 KiB of text: the client lives and sees all (C03)', async (t) => {
  const { server, person, back, leave } = await world(t);
  const ann = await person('ann');
  const friends: (RawPeer & { id: number })[] = [];
  for (let n = 0; n < 30; n += 1) friends.push(await newUser(server.port, `friend number ${n}`));
  const [first, second] = friends as [RawPeer & { id: number }, RawPeer & { id: number }];
  for (const name of ['one', 'two', 'three']) {
    await first.get('createGroup', { name, description: 'x'.repeat(100), clientId: name });
    for (const friend of friends.slice(1, 20)) await friend.get('join', { group: `#${name}`, clientId: name });
  }
  for (const group of [1, 2, 3]) ann.client.send({ msgid: 9, id: ann.id, groupid: group });
  for (const friend of friends) ann.client.send({ msgid: 7, id: ann.id, friendid: friend.id });
  ann.client.send({ msgid: 6, toid: first.id, msg: 'all asked', id: 0, name: '', time: '' });
  await first.until(({ text }) => text === 'all asked', 'what ann said last');
  await leave(ann);
  for (const friend of friends.slice(2)) friend.socket.destroy();
  await say(second, ann.id, texts(40));
  const long = '"ä漢\n😀'.repeat(600);
  await second.get('send', { to: `u${ann.id}`, text: long, clientId: 'long' });
  const { client, ack } = await back(ann.id);
  await client.until(({ texts: got }) => got.some((text) => /^\((\d+)\/\1\) /.test(text)), 'the last part');
  assert.deepEqual(client.texts.slice(0, 40), texts(40));
  const parts = client.texts.slice(40).map((text) => text.replace(/^\(\d+\/\d+\) /, ''));
  assert.equal(parts.join(''), long);
  assert.ok(people(ack, 'friends').length > 1);
  assert.ok(people(ack, 'groups').length > 1);
});

test('[IDENT-1] who logs in after another on one connection gets nothing of what waited for him (C26)', async (t) => {
  const { server, person, connect, back, leave } = await world(t);
  const sender = await newUser(server.port, 'sender');
  const [ann, ben] = [await person('ann'), await person('ben')];
  await leave(ann);
  await say(sender, ann.id, texts(40));
  const shared = await connect();
  await shared.login(ann.id, PASSWORD);
  await shared.until(({ texts: got }) => got.length >= 10, 'the first of them');
  shared.send({ msgid: 3, id: ann.id });
  shared.send({ msgid: 1, id: ben.id, password: PASSWORD });
  const isBen = ({ msgid, id }: ClassicFrame): boolean => msgid === 2 && id === ben.id;
  await shared.until(({ frames }) => frames.some(isBen), 'LOGIN_ACK');
  await say(sender, ben.id, ['for ben']);
  await shared.until(({ texts: got }) => got.includes('for ben'), 'what is for ben');
  const after = shared.frames.slice(shared.frames.findIndex(isBen) + 1);
  assert.deepEqual(
    after.map(({ msg }) => msg),
    ['for ben'],
  );
  const got = shared.texts.filter((text) => text !== 'for ben');
  assert.ok(got.length < 40, 'it logged out before all had come');
  const again = await back(ann.id);
  await again.client.until(({ texts: all }) => all.at(-1) === 'message 40', 'the rest');
  const firstAgain = texts(40).indexOf(again.client.texts[0] ?? '');
  assert.ok(firstAgain <= got.length, 'nothing is lost between');
  assert.deepEqual(again.client.texts, texts(40).slice(firstAgain));
});

test('[CLASSIC-3] a client that is killed after 10 of 40 messages gets what it had not surely read, in order (C69)', async (t) => {
  const { server, person, back, leave } = await world(t);
  const sender = await newUser(server.port, 'sender');
  const ann = await person('ann');
  await leave(ann);
  await say(sender, ann.id, texts(40));
  const killed = await back(ann.id);
  await killed.client.until(({ texts: got }) => got.length >= 10, 'ten of them');
  killed.client.reset();
  const again = await back(ann.id);
  await again.client.until(({ texts: got }) => got.length === 40, 'all again');
  assert.deepEqual(again.client.texts, texts(40));
  again.client.send({ msgid: 6, toid: sender.id, msg: 'thanks', id: 0, name: '', time: '' });
  await sender.until(({ text }) => text === 'thanks', 'a sign of life');
  again.client.reset();
  const last = await back(ann.id);
  assert.deepEqual(last.client.texts, [], 'its next frame said that it had read them');
});

test('[CLASSIC-3] what is sent to a frozen client comes again when it has died (C69)', async (t) => {
  const { server, person, back } = await world(t);
  const sender = await newUser(server.port, 'sender');
  const ann = await person('ann');
  ann.client.freeze();
  await say(sender, ann.id, texts(5));
  ann.client.reset();
  const { client } = await back(ann.id);
  await client.until(({ texts: got }) => got.length === 5, 'all of it');
  assert.deepEqual(client.texts, texts(5));
});

test('[CLASSIC-3] two classic sessions of one account both get everything, but not its own words', async (t) => {
  const { server, person, back } = await world(t);
  const sender = await newUser(server.port, 'sender');
  const ann = await person('ann');
  const other = await back(ann.id);
  assert.equal(other.ack['errno'], 0, 'several devices are welcome');
  await say(sender, ann.id, texts(15));
  for (const client of [ann.client, other.client]) {
    await client.until(({ texts: got }) => got.length === 15, 'all of it');
    client.send({ msgid: 6, toid: sender.id, msg: 'mine', id: 0, name: '', time: '' });
  }
  await say(sender, ann.id, ['the end']);
  for (const client of [ann.client, other.client]) {
    await client.until(({ texts: got }) => got.includes('the end'), 'the end');
    assert.deepEqual(client.texts, [...texts(15), 'the end']);
  }
});

test('[IDENT-1] who logs in twice as the same account gets each message once (C26)', async (t) => {
  const { server, person } = await world(t);
  const sender = await newUser(server.port, 'sender');
  const ann = await person('ann');
  await ann.client.login(ann.id, PASSWORD);
  await say(sender, ann.id, ['once']);
  await say(sender, ann.id, ['the end']);
  await ann.client.until(({ texts: got }) => got.includes('the end'), 'the end');
  assert.deepEqual(ann.client.texts, ['once', 'the end']);
});

test('[IDENT-3] a change of the password ends classic sessions too', async (t) => {
  const { server, connect } = await world(t);
  const ann = await newUser(server.port, 'ann');
  const classic = await connect();
  const { user } = (await ann.get('whois', { user: 'ann' })) as { user: { id: number } };
  const ack = await classic.login(user.id, PASSWORD);
  assert.equal(ack['errno'], 0, JSON.stringify(ack));
  await ann.get('password', { current: PASSWORD, next: 'another one' });
  await classic.until(({ isClosed }) => isClosed, 'the end');
  const again = await connect();
  assert.equal((await again.login(user.id, PASSWORD))['errno'], 1);
});
