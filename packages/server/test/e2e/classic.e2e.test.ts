import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ClassicClient } from '@parley/testkit';
import { embeddedNode, newUser, RawPeer } from './embedded-node.ts';

const PASSWORD = 'secret';

async function world(t: TestContext, settings: { classicPaceMs?: string } = {}) {
  const server = await embeddedNode(t, settings);
  const clients: ClassicClient[] = [];
  t.after(() => {
    for (const client of clients) client.reset();
  });
  async function connect(): Promise<ClassicClient> {
    const client = await ClassicClient.connect(server.port);
    clients.push(client);
    return client;
  }
  async function person(name: string): Promise<{ client: ClassicClient; id: number }> {
    const client = await connect();
    const id = await client.register(name, PASSWORD);
    const ack = await client.login(id, PASSWORD);
    assert.equal(ack['errno'], 0);
    return { client, id };
  }
  return { server, connect, person };
}

function chat(to: number, msg: string): object {
  return { msgid: 6, id: 4711, name: 'forged', toid: to, msg, time: '1970-01-01 00:00:00' };
}

function texts(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `message ${index + 1}`);
}

test('[IDENT-1] a classic chat comes from the session, whatever its fields say', async (t) => {
  const { person } = await world(t);
  const [ann, ben] = [await person('ann'), await person('ben')];
  ann.client.send(chat(ben.id, 'hello'));
  await ben.client.until(({ texts: got }) => got.includes('hello'), 'the chat');
  const frame = ben.client.frames.find(({ msgid }) => msgid === 6);
  assert.deepEqual([frame?.['id'], frame?.['name'], frame?.['toid']], [ann.id, 'ann', ben.id]);
  assert.deepEqual(ann.client.texts, [], 'own words are not sent back');
});

test('[CLASSIC-2] an unmodified client survives every refusal (C01)', async (t) => {
  const { server, connect, person } = await world(t);
  const blocker = await newUser(server.port, 'blocker');
  const ann = await person('ann');
  await blocker.get('block', { user: ann.id });
  const refused = [
    chat(999_999, 'to nobody'),
    chat(ann.id, 'to myself'),
    chat(blocker.id, 'to one who blocked me'),
    chat(blocker.id, ''),
    { msgid: 10, id: 1, name: 'x', groupid: 999_999, msg: 'to no group', time: '' },
    { msgid: 6, toid: 'x', msg: 7 },
  ];
  for (const [index, request] of refused.entries()) {
    ann.client.send(request);
    await ann.client.until(({ texts: got }) => got.length === index + 1, `an answer to ${JSON.stringify(request)}`);
  }
  assert.ok(ann.client.texts.every((text) => text.startsWith('not delivered: ')));
  for (const request of [{ msgid: 11 }, { msgid: 7, friendid: 999_999 }, { msgid: 9, groupid: 5 }, { msgid: 8 }]) {
    ann.client.send(request);
  }
  const again = await connect();
  again.send({ msgid: 4, name: 'ann', password: PASSWORD });
  await again.until(({ frames }) => frames.length === 1, 'REG_ACK');
  assert.deepEqual([again.frames[0]?.msgid, again.frames[0]?.['errno']], [5, 1]);
  const wrong = await again.login(ann.id, 'wrong');
  assert.equal(wrong['errno'], 1);
  assert.equal((await again.login(ann.id, PASSWORD))['errno'], 0, 'and it is never "already online"');
});

test('[CLASSIC-4] what is said at once arrives whole and in order, one frame a read (C02)', async (t) => {
  const { server, person } = await world(t);
  const sender = await newUser(server.port, 'sender');
  const ann = await person('ann');
  const sent = texts(25);
  for (const [index, text] of sent.entries()) {
    sender.write(`${JSON.stringify({ id: 100 + index, op: 'send', to: `u${ann.id}`, text, clientId: `c${index}` })}\n`);
  }
  await ann.client.until(({ texts: got }) => got.length === sent.length, 'all of it');
  assert.deepEqual(ann.client.texts, sent);
});

test('[CLASSIC-1] a log-in with much to tell, and a long text, stay within what the client can read (C03)', async (t) => {
  const { server, connect, person } = await world(t, { classicPaceMs: '5' });
  const ann = await person('ann');
  const natives = [];
  for (let index = 0; index < 12; index += 1) natives.push(await newUser(server.port, `a friend with a name ${index}`));
  for (const friend of natives) ann.client.send({ msgid: 7, id: ann.id, friendid: friend.id });
  ann.client.send({ msgid: 8, id: ann.id, groupname: 'a group', groupdesc: 'of many' });
  const [first] = natives;
  assert.ok(first);
  await first.until(({ ev }) => ev === 'state', 'the request of a friend');
  ann.client.close();
  await ann.client.until(({ isClosed }) => isClosed, 'the end');
  for (const [index, text] of texts(40).entries()) {
    await first.get('send', { to: `u${ann.id}`, text, clientId: `c${index}` });
  }
  const long = '漢"\n'.repeat(1_600);
  await first.get('send', { to: `u${ann.id}`, text: long, clientId: 'long' });
  const again = await connect();
  assert.equal((await again.login(ann.id, PASSWORD))['errno'], 0);
  await again.until(({ texts: got }) => got.some((text) => /^\((\d+)\/\1\) /.test(text)), 'the last part');
  assert.deepEqual(again.texts.slice(0, 40), texts(40));
  const parts = again.texts.slice(40).map((text) => text.replace(/^\(\d+\/\d+\) /, ''));
  assert.equal(parts.join(''), long);
});

test('[CLASSIC-3] what was not surely received comes again, and after an orderly end nothing does (C69)', async (t) => {
  const { server, connect, person } = await world(t, { classicPaceMs: '1' });
  const sender = await newUser(server.port, 'sender');
  const ann = await person('ann');
  ann.client.close();
  await ann.client.until(({ isClosed }) => isClosed, 'the end');
  for (const [index, text] of texts(10).entries()) {
    await sender.get('send', { to: `u${ann.id}`, text, clientId: `c${index}` });
  }
  const killed = await connect();
  await killed.login(ann.id, PASSWORD);
  await killed.until(({ texts: got }) => got.length === 10, 'the backlog');
  killed.reset();
  const again = await connect();
  await again.login(ann.id, PASSWORD);
  await again.until(({ texts: got }) => got.length === 10, 'the backlog again');
  again.close();
  await again.until(({ isClosed }) => isClosed, 'the end');
  const last = await connect();
  const ack = await last.login(ann.id, PASSWORD);
  assert.deepEqual(last.texts, [], `nothing comes a third time: ${JSON.stringify(ack)}`);
  await sender.get('send', { to: `u${ann.id}`, text: 'new', clientId: 'new' });
  await last.until(({ texts: got }) => got.length === 1, 'what is new');
  assert.deepEqual(last.texts, ['new']);
});

test('[IDENT-1] a second log-in on a connection gets nothing of the first one’s (C26)', async (t) => {
  const { server, connect, person } = await world(t);
  const sender = await newUser(server.port, 'sender');
  const [ann, ben] = [await person('ann'), await person('ben')];
  const shared = await connect();
  await shared.login(ann.id, PASSWORD);
  await shared.login(ben.id, PASSWORD);
  await sender.get('send', { to: `u${ann.id}`, text: 'for ann', clientId: 'a' });
  await sender.get('send', { to: `u${ben.id}`, text: 'for ben', clientId: 'b' });
  await shared.until(({ texts: got }) => got.includes('for ben'), 'ben’s message');
  assert.deepEqual(shared.texts, ['for ben'], 'once, and nothing of ann’s');
  shared.send({ msgid: 3, id: ben.id });
  assert.equal((await shared.login(ann.id, PASSWORD))['errno'], 0);
});

test('[ORDER-1] classic and native members of a group read the same', async (t) => {
  const { server, person } = await world(t, { classicPaceMs: '1' });
  const [ann, ben] = [await person('ann'), await person('ben')];
  ann.client.send({ msgid: 8, id: ann.id, groupname: 'lunch', groupdesc: '' });
  const native = await newUser(server.port, 'carol');
  await assert.doesNotReject(async () => {
    for (let tries = 0; ; tries += 1) {
      const reply = await native.ask('join', { group: '#lunch', clientId: 'j' });
      if (reply['ok'] !== undefined) return;
      if (tries > 100) throw new Error(JSON.stringify(reply));
    }
  });
  ben.client.send({ msgid: 9, id: ben.id, groupid: 1 });
  await native.until(({ kind, from }) => kind === 'join' && (from as { name: string }).name === 'ben', 'ben’s joining');
  await native.get('send', { to: '#lunch', text: 'from carol', clientId: 'c1' });
  await ben.client.until(({ texts: got }) => got.includes('from carol'), 'the message');
  ben.client.send({ msgid: 10, id: ben.id, name: 'x', groupid: 1, msg: 'from ben', time: '' });
  await ann.client.until(({ texts: got }) => got.length === 2, 'both');
  assert.deepEqual(ann.client.texts, ['from carol', 'from ben']);
  await native.until(({ text }) => text === 'from ben', 'ben’s message');
});

test('[IDENT-3] a change of password ends classic log-ins of that account, and of nobody else, then or later', async (t) => {
  const { server, connect, person } = await world(t);
  const [ann, ben] = [await person('ann'), await person('ben')];
  const native = await RawPeer.connect(server.port);
  t.after(() => native.close());
  await native.get('login', { user: 'ann', password: PASSWORD });
  await native.get('password', { current: PASSWORD, next: 'another horse' });
  await ann.client.until(({ isClosed }) => isClosed, 'the end');
  const again = await connect();
  assert.equal((await again.login(ann.id, 'another horse'))['errno'], 0);
  again.send(chat(ben.id, 'back'));
  await ben.client.until(({ texts: got }) => got.includes('back'), 'the chat');
  assert.equal(again.isClosed, false);
});
