import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FakeLink } from '../fake-link.ts';
import { openTestNode, PASSWORD, type TestNode } from '../test-node.ts';
import { until } from '../until.ts';

interface Chat {
  readonly msgid: number;
  readonly [field: string]: unknown;
}

function say(link: FakeLink, ...requests: readonly object[]): void {
  link.receive(requests.map((request) => `${JSON.stringify(request)}\0`).join(''));
}

function frames(link: FakeLink): Chat[] {
  return link.written.map((frame) => JSON.parse(frame.slice(0, -1)) as Chat);
}

async function logIn(node: TestNode, id: number): Promise<FakeLink & { readonly ack: Chat }> {
  const link = node.link();
  say(link, { msgid: 1, id, password: PASSWORD });
  await link.wrote(1);
  return Object.assign(link, { ack: frames(link)[0] as Chat });
}

test('[LIMIT-1] a client that asks faster than its answers may leave is not read meanwhile', async (t) => {
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  const link = await logIn(node, ann.id);
  link.isFull = true;
  say(link, ...Array.from({ length: 300 }, () => ({ msgid: 6, toid: 999, msg: 'to nobody' })));
  await until(() => link.isPaused);
  say(link, ...Array.from({ length: 10 }, () => ({ msgid: 6, toid: 999, msg: 'to nobody' })));
  assert.equal(link.keptCount, 10);
  link.drain();
  await until(() => link.written.length === 311);
  assert.equal(link.isPaused, false);
});

test('[LIMIT-1] frames that are no requests count as well', async (t) => {
  const node = await openTestNode(t, { settings: { requestBurst: 3, requestsPerSecond: 1 } });
  const link = node.link();
  say(link, { msgid: 4 }, { msgid: 4 }, { msgid: 4 });
  link.receive('noise\0'.repeat(5));
  await link.wrote(8);
  const last = frames(link).slice(3);
  assert.ok(last.every(({ msgid, id }) => msgid === 6 && id === 0));
  assert.ok(last.every(({ msg }) => /Slow down/.test(String(msg))));
});

test('[IDENT-1] what becomes of a chat is not told to who has logged in on the connection since (C26)', async (t) => {
  const node = await openTestNode(t);
  const [ann, ben, cid] = [await node.user('ann'), await node.user('ben'), await node.user('cid')];
  await cid.ok('send', { to: '@ann', text: 'hi', clientId: '1' });
  const link = await logIn(node, ann.id);
  say(link, { msgid: 6, toid: cid.id, msg: 'hi' });
  await cid.synced();
  await cid.event(({ ev, text, from }) => ev === 'entry' && text === 'hi' && from.id === ann.id);
  await cid.ok('block', { user: ann.id });
  const settle: (() => void)[] = [];
  const commit = node.store.commit.bind(node.store);
  Object.assign(node.store, {
    async commit(...batch: Parameters<typeof commit>) {
      await new Promise<void>((resolve) => settle.push(resolve));
      return commit(...batch);
    },
  });
  say(link, { msgid: 6, toid: cid.id, msg: 'a secret of hers' });
  await until(() => settle.length === 1);
  say(link, { msgid: 3 }, { msgid: 1, id: ben.id, password: PASSWORD });
  await until(() => frames(link).filter(({ msgid }) => msgid === 2).length === 2);
  settle[0]?.();
  await node.delivery.drain();
  const chats = frames(link).filter(({ msgid }) => msgid === 6);
  assert.deepEqual(
    chats.filter(({ id }) => id === 0),
    [],
  );
});

test('[CLASSIC-3] what a client has received is stored once a second and at its end, not with each of its frames', async (t) => {
  const node = await openTestNode(t);
  const [ann, ben] = [await node.user('ann'), await node.user('ben')];
  const link = await logIn(node, ann.id);
  const moves: object[] = [];
  const movePosition = node.delivery.movePosition.bind(node.delivery);
  Object.assign(node.delivery, {
    movePosition(move: Parameters<typeof movePosition>[0]) {
      moves.push([move.which, move.to]);
      return movePosition(move);
    },
  });
  const hear = async (n: number): Promise<void> => {
    await ben.ok('send', { to: '@ann', text: `text ${n}`, clientId: `${n}` });
    await until(() => {
      node.clock.advance(1);
      return frames(link).some(({ msg }) => msg === `text ${n}`);
    });
    say(link, { msgid: 7, friendid: ben.id });
  };
  await hear(1);
  await hear(2);
  assert.deepEqual(moves, []);
  node.clock.advance(1_000);
  assert.deepEqual(moves, [['classic', 2]]);
  node.clock.advance(5_000);
  await hear(3);
  link.close();
  assert.deepEqual(moves, [
    ['classic', 2],
    ['classic', 3],
  ]);
});

test('[PRES-1] a friend by whom one was blocked seems to be away', async (t) => {
  const node = await openTestNode(t);
  const [ann, ben, cid] = [await node.user('ann'), await node.user('ben'), await node.user('cid')];
  for (const user of ['ben', 'cid']) await ann.ok('addFriend', { user });
  await ben.ok('block', { user: 'ann' });
  const { ack } = await logIn(node, ann.id);
  const friends = (ack['friends'] as string[]).map((text) => JSON.parse(text));
  assert.deepEqual(
    friends.toSorted((one, other) => one.id - other.id),
    [
      { id: ben.id, name: 'ben', state: 'offline' },
      { id: cid.id, name: 'cid', state: 'online' },
    ],
  );
});

test('a group that is left while a log-in is answered does not spoil it', async (t) => {
  const node = await openTestNode(t);
  const [ann, ben] = [await node.user('ann'), await node.user('ben')];
  const group = await node.group('ops', [ben, ann]);
  const members = node.chat.groups.members.bind(node.chat.groups);
  let isLeft = false;
  Object.assign(node.chat.groups, {
    async members(...question: Parameters<typeof members>) {
      if (!isLeft) await ann.ok('leave', { group, clientId: 'l' });
      isLeft = true;
      return members(...question);
    },
  });
  const { ack } = await logIn(node, ann.id);
  assert.equal(ack['errno'], 0);
  assert.ok(isLeft);
});

test('[LIMIT-1] an account with too many sessions is told so', async (t) => {
  const node = await openTestNode(t, { settings: { maxSessionsPerUser: 1 } });
  const ann = await node.user('ann');
  const { ack } = await logIn(node, ann.id);
  assert.equal(ack['errno'], 1);
  assert.match(String(ack['errmsg']), /too many/);
  assert.equal(node.chat.presence.sessionsOf(ann.id as never), 1);
});

test('[IDENT-3] a new password ends the classic connections of the account as well', async (t) => {
  const node = await openTestNode(t);
  const [ann, ben] = [await node.user('ann'), await node.user('ben')];
  const [link, other] = [await logIn(node, ann.id), await logIn(node, ben.id)];
  await ann.ok('password', { current: PASSWORD, next: 'another one' });
  assert.deepEqual([link.isEnded, other.isEnded, ann.link.isEnded], [true, false, false]);
});

test('[IDENT-3] a classic log-in that is being checked while the password changes does not get in', async (t) => {
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  const thief = node.link();
  const gate = Promise.withResolvers<void>();
  node.hasher.gate = gate.promise;
  say(thief, { msgid: 1, id: ann.id, password: PASSWORD });
  await until(() => node.hasher.verified.length === 1);
  node.hasher.gate = Promise.resolve();
  await ann.ok('password', { current: PASSWORD, next: 'another one' });
  gate.resolve();
  await thief.wrote(1);
  assert.equal(frames(thief)[0]?.['errno'], 1);
  assert.equal(node.chat.presence.sessionsOf(ann.id as never), 1);
});

/** The log-in's second look at the account is answered late, with what it was before. */
function holdSecondLook({ store }: TestNode): { readonly taken: Promise<void>; release(): void } {
  const [taken, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const findUser = store.findUser.bind(store);
  let looks = 0;
  Object.assign(store, {
    async findUser(id: Parameters<typeof findUser>[0]) {
      looks += 1;
      const isSecond = looks === 2;
      const found = await findUser(id);
      if (isSecond) taken.resolve();
      if (isSecond) await gate.promise;
      return found;
    },
  });
  return { taken: taken.promise, release: gate.resolve };
}

test('[IDENT-3] a password that changes after a classic log-in was checked and before it is in does not let it in', async (t) => {
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  const look = holdSecondLook(node);
  const thief = node.link();
  say(thief, { msgid: 1, id: ann.id, password: PASSWORD });
  await look.taken;
  await ann.ok('password', { current: PASSWORD, next: 'another one' });
  look.release();
  await until(() => thief.isEnded || thief.written.length > 0);
  assert.deepEqual(
    frames(thief).filter(({ errno }) => errno === 0),
    [],
  );
  assert.equal(node.chat.presence.sessionsOf(ann.id as never), 1);
});

test('[IDENT-3] a password that changes during a second classic log-in on a connection leaves the first as it was', async (t) => {
  const node = await openTestNode(t);
  const [ann, ben] = [await node.user('ann'), await node.user('ben')];
  const link = await logIn(node, ben.id);
  const gate = Promise.withResolvers<void>();
  node.hasher.gate = gate.promise;
  say(link, { msgid: 1, id: ann.id, password: PASSWORD });
  await until(() => node.hasher.verified.length === 2);
  node.hasher.gate = Promise.resolve();
  await ann.ok('password', { current: PASSWORD, next: 'another one' });
  gate.resolve();
  await link.wrote(2);
  assert.equal(frames(link)[1]?.['errno'], 1);
  assert.equal(link.isEnded, false);
  assert.equal(node.chat.presence.sessionsOf(ben.id as never), 2);
});

/** Notes what is stored as received. */
function noteMoves(node: TestNode): unknown[] {
  const moves: unknown[] = [];
  const movePosition = node.delivery.movePosition.bind(node.delivery);
  Object.assign(node.delivery, {
    movePosition(move: Parameters<typeof movePosition>[0]) {
      moves.push([move.user, move.which, move.to]);
      return movePosition(move);
    },
  });
  return moves;
}

/** Ben says something to Ann, and it is handed to her client. */
async function hear(node: TestNode, ben: { ok(op: string, fields: object): Promise<unknown> }, link: FakeLink) {
  const text = `text-${node.clock.now()}`;
  await ben.ok('send', { to: '@ann', text, clientId: text });
  await until(() => {
    node.clock.advance(1);
    return frames(link).some(({ msg }) => msg === text);
  });
}

test('[CLASSIC-3] an end in order says that what was sent was received, a reset says nothing', async (t) => {
  const node = await openTestNode(t);
  const [ann, ben] = [await node.user('ann'), await node.user('ben')];
  const moves = noteMoves(node);
  const cut = await logIn(node, ann.id);
  await hear(node, ben, cut);
  cut.close(false);
  assert.deepEqual(moves, []);
  const ended = await logIn(node, ann.id);
  await until(() => frames(ended).length >= 1);
  ended.close(true);
  assert.deepEqual(moves, [[ann.id, 'classic', 1]]);
});

test('[CLASSIC-3] what a log-in has received is stored when another follows on the connection', async (t) => {
  const node = await openTestNode(t);
  const [ann, ben] = [await node.user('ann'), await node.user('ben')];
  const moves = noteMoves(node);
  const link = await logIn(node, ann.id);
  await hear(node, ben, link);
  say(link, { msgid: 1, id: ben.id, password: PASSWORD });
  await until(() => frames(link).filter(({ msgid }) => msgid === 2).length === 2);
  assert.deepEqual(moves[0], [ann.id, 'classic', 1]);
});

test('[LIMIT-1] requests that wait for the one before are bounded; more are read when some are answered', async (t) => {
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  const link = await logIn(node, ann.id);
  const gate = Promise.withResolvers<undefined>();
  Object.assign(node.store, { findUser: () => gate.promise });
  say(link, ...Array.from({ length: 1_100 }, () => ({ msgid: 6, toid: 999, msg: 'to nobody' })));
  assert.equal(link.isPaused, true);
  assert.equal(link.keptCount, 99);
  gate.resolve(undefined);
  await until(() => frames(link).length === 1_101);
  assert.equal(link.isPaused, false);
});
