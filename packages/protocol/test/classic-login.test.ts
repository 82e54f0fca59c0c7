import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { oneChatFrames } from '../src/classic-frames.ts';
import {
  type ClassicFriend,
  type ClassicGroup,
  type ClassicLoginAck,
  type ClassicLoginContent,
  loginAck,
} from '../src/classic-login.ts';
import { encodeClassicFrame } from '../src/frame-encoder.ts';
import type { GroupId, UserId } from '../src/ids.ts';
import { LIMITS } from '../src/limits.ts';

const ANN = { id: 17 as UserId, name: 'ann' };
const NOTHING: ClassicLoginContent = { user: ANN, friends: [], groups: [], backlog: [] };

const friend = (id: number, state: 'online' | 'offline' = 'offline', name = `friend ${id}`): ClassicFriend => ({
  id: id as UserId,
  name,
  state,
});

const group = (id: number, members: number, description = 'a group'): ClassicGroup => ({
  id: id as GroupId,
  name: `group ${id}`,
  description,
  users: Array.from({ length: members }, (_, index) => ({
    ...friend(index + 1),
    role: index === 0 ? ('creator' as const) : ('normal' as const),
  })),
});

const chats = (count: number, text = 'hello') =>
  Array.from({ length: count }, (_, index) => index).flatMap((index) =>
    oneChatFrames({ from: { id: 42 as UserId, name: 'bob' }, text: `${text} ${index}`, timeMs: index }, ANN.id),
  );

const parseAll = (texts: readonly string[] | undefined): Record<string, unknown>[] =>
  (texts ?? []).map((text) => JSON.parse(text) as Record<string, unknown>);

const usersPerGroup = (ack: ClassicLoginAck): number[] =>
  parseAll(ack.groups).map((known) => (known['users'] as string[]).length);

test('a log-in with nothing to tell has no empty lists', () => {
  assert.deepEqual(loginAck(NOTHING), { ack: { msgid: 2, errno: 0, id: 17, name: 'ann' }, rest: [] });
});

test('[CLASSIC-1] what fits is told in the ancestor’s shape: lists of strings, each a JSON object', () => {
  const backlog = chats(1);
  const { ack, rest } = loginAck({
    user: ANN,
    friends: [friend(2, 'offline', 'bob'), friend(3, 'online', 'eve')],
    groups: [group(7, 2, 'who eats where')],
    backlog,
  });
  assert.deepEqual(rest, []);
  assert.deepEqual(parseAll(ack.friends), [
    { id: 3, name: 'eve', state: 'online' },
    { id: 2, name: 'bob', state: 'offline' },
  ]);
  const [lunch] = parseAll(ack.groups);
  assert.deepEqual(
    { ...lunch, users: parseAll(lunch?.['users'] as string[]) },
    {
      id: 7,
      groupname: 'group 7',
      groupdesc: 'who eats where',
      users: [
        { id: 1, name: 'friend 1', state: 'offline', role: 'creator' },
        { id: 2, name: 'friend 2', state: 'offline', role: 'normal' },
      ],
    },
  );
  assert.deepEqual(parseAll(ack.offlinemsg), backlog);
});

test('[CLASSIC-1] 30 friends, 3 groups of 20 and 40 messages: the answer fits, every message comes (C03)', () => {
  const friends = Array.from({ length: 30 }, (_, index) => friend(index + 1, index >= 28 ? 'online' : 'offline'));
  const backlog = chats(40);
  const { ack, rest } = loginAck({ user: ANN, friends, groups: [1, 2, 3].map((id) => group(id, 20)), backlog });
  assert.ok(encodeClassicFrame(ack).length <= LIMITS.classicFrameBytes);
  assert.deepEqual(
    parseAll(ack.friends)
      .slice(0, 2)
      .map((known) => known['id']),
    [29, 30],
  );
  assert.equal(ack.groups?.length, 3);
  assert.deepEqual(
    parseAll(ack.groups).map((known) => known['users']),
    [[], [], []],
  );
  assert.deepEqual([...parseAll(ack.offlinemsg), ...rest], backlog);
});

test('[CLASSIC-1] a group’s users are all there or none', () => {
  const { ack } = loginAck({ ...NOTHING, groups: [group(1, 40), group(2, 3)] });
  assert.deepEqual(usersPerGroup(ack), [0, 3]);
});

test('[CLASSIC-1] a backlog alone fills the answer, from its beginning; the rest follows in order', () => {
  const backlog = chats(20);
  const { ack, rest } = loginAck({ ...NOTHING, backlog });
  assert.ok((ack.offlinemsg?.length ?? 0) > 3);
  assert.ok(rest.length > 0);
  assert.deepEqual([...parseAll(ack.offlinemsg), ...rest], backlog);
});

test('a message that does not fit holds back the shorter ones behind it', () => {
  const backlog = [...chats(1), ...chats(1, 'x'.repeat(850)), ...chats(1)];
  const { ack, rest } = loginAck({ ...NOTHING, backlog });
  assert.equal(ack.offlinemsg?.length, 1);
  assert.deepEqual(rest, backlog.slice(1));
});

test('a switch may restore the whole answer', () => {
  const content = { user: ANN, friends: [friend(1)], groups: [group(1, 100)], backlog: chats(100) };
  const { ack, rest } = loginAck(content, Number.POSITIVE_INFINITY);
  assert.deepEqual(rest, []);
  assert.equal(ack.offlinemsg?.length, 100);
  assert.deepEqual(usersPerGroup(ack), [100]);
});

test('[CLASSIC-1] whatever the content, the answer has an integer msgid and at most 1,000 bytes (C03)', () => {
  const name = fc
    .array(fc.constantFrom('"', '\\', '😀', '\uD800', 'x', '\u0001'), { maxLength: 60 })
    .map((units) => units.join(''));
  const state = fc.constantFrom<'online' | 'offline'>('online', 'offline');
  const friends = fc.array(fc.tuple(fc.nat(2 ** 30), state, name), { maxLength: 40 });
  const groups = fc.array(fc.tuple(fc.nat(1_000), fc.nat(30), name), { maxLength: 10 });
  fc.assert(
    fc.property(friends, groups, fc.record({ own: name, waiting: fc.nat(30) }), (friends, groups, { own, waiting }) => {
      const content = {
        user: { id: 2_147_483_647 as UserId, name: own },
        friends: friends.map(([id, state, name]) => friend(id, state, name)),
        groups: groups.map(([id, members, description]) => group(id, members, description)),
        backlog: chats(waiting, own),
      };
      const { ack, rest } = loginAck(content);
      assert.equal(ack.msgid, 2);
      assert.ok(encodeClassicFrame(ack).length <= LIMITS.classicFrameBytes);
      assert.doesNotMatch(JSON.stringify(ack), /\\ud[89a-f]/i);
      assert.deepEqual([...parseAll(ack.offlinemsg), ...rest], content.backlog);
    }),
  );
});

test('thousands of friends do not make a log-in slow', () => {
  const friends = Array.from({ length: 100_000 }, (_, index) => friend(index + 1));
  const startMs = performance.now();
  loginAck({ ...NOTHING, friends });
  assert.ok(performance.now() - startMs < 1_000);
});
