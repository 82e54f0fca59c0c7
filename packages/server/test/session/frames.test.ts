import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { LIMITS, nameKey, type UserId } from '@parley/protocol';
import type { Conversation, DeviceId, Entry, StateRow } from '../../src/chat/ports/index.ts';
import { entryFrame, stateFrames } from '../../src/session/frames.ts';
import type { NativeTester } from './native-tester.ts';
import { type Frame, openTestNode, type TestNode, type User } from './test-node.ts';

const COUNT = 400;

/** Names as long as they may be: 50 characters of four bytes each. */
function longName(n: number): string {
  return String(n).padStart(4, '0') + '\u{10348}'.repeat(46);
}

async function crowd(node: TestNode): Promise<{ id: UserId; name: string }[]> {
  const names = Array.from({ length: COUNT }, (_, n) => longName(n));
  return Promise.all(
    names.map(async (name) => {
      const id = await node.store.createUser({ name, key: nameKey(name), passwordHash: '' });
      return { id: id as UserId, name };
    }),
  );
}

async function withCrowd(
  t: TestContext,
): Promise<{ node: TestNode; ann: User; people: { id: UserId; name: string }[] }> {
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  return { node, ann, people: await crowd(node) };
}

/** All pages of a list, each of which must fit into a frame. */
async function pages(tester: NativeTester, op: 'members' | 'friends', fields: object): Promise<number[]> {
  const list = op === 'members' ? 'members' : 'contacts';
  const ids: number[] = [];
  for (;;) {
    const page: Frame = await tester.ok(op, { ...fields, after: ids.at(-1) ?? 0 });
    ids.push(...page[list].map(({ user }: Frame) => user.id));
    if (page['more'] !== true) break;
  }
  for (const frame of tester.link.written) assert.ok(Buffer.byteLength(frame) <= LIMITS.outboundFrameBytes);
  return ids;
}

test('[LIMIT-1] a list of members is cut into frames and goes on', async (t) => {
  const { node, ann, people } = await withCrowd(t);
  const group = await node.group('ops', [ann]);
  const { conversation } = await node.chat.directory.group(group);
  const joins = people.map(({ id, name }) => {
    return node.chat.sending.change({ user: id, name }, conversation, { kind: 'join', clientId: 'j' });
  });
  await Promise.all(joins);
  const ids = await pages(ann, 'members', { group });
  assert.deepEqual(
    ids,
    [ann.id, ...people.map(({ id }) => id)].toSorted((one, other) => one - other),
  );
});

test('[LIMIT-1] a list of friends is cut into frames and goes on; each page\u2019s people are watched', async (t) => {
  const { node, ann, people } = await withCrowd(t);
  await Promise.all(people.map(({ id }) => node.store.setEdge(ann.id as UserId, id, { added: true })));
  const ids = await pages(ann, 'friends', { watch: true });
  assert.deepEqual(
    ids,
    people.map(({ id }) => id).toSorted((one, other) => one - other),
  );
  for (const { id } of people) node.chat.presence.arrived(id);
  assert.equal(ann.events.filter(({ ev }) => ev === 'presence').length, COUNT);
});

test('[LIMIT-1] of very many devices the newest are listed', async (t) => {
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  const me = { id: ann.id as UserId, name: 'ann' };
  let newest: DeviceId | undefined;
  for (let n = 0; n < 200; n += 1) newest = (await node.chat.accounts.createDevice(me, '\u0001'.repeat(99))).device;
  const { devices } = await ann.ok('devices');
  assert.equal(devices[0].id, newest);
  assert.ok(devices.length >= 130 && devices.length < 200, `${devices.length}`);
  for (const frame of ann.link.written) assert.ok(Buffer.byteLength(frame) <= LIMITS.outboundFrameBytes);
});

test('[STATE-1] private state is cut into frames, and only the last may be kept', () => {
  const me = 1 as UserId;
  const rows: StateRow[] = Array.from({ length: 500 }, (_, n) => {
    const conversation = { kind: 'group', id: n, address: `g${n}`, group: n } as unknown as Conversation;
    const positions = { readSeq: 0, readOrd: 0, deliveredSeq: 0, head: { seq: 0, ord: 0 } } as never as object;
    const description = '\u{10348}'.repeat(LIMITS.descriptionCodePoints);
    const fields = { row: 'conversation', rev: n, conversation, name: longName(n), description, role: 'member' };
    return { ...fields, left: false, ...positions } as unknown as StateRow;
  });
  const version = { rev: 500, tag: 7 as never };
  const frames = stateFrames({ full: true, rows, version, more: false }, me);
  assert.ok(frames.length > 1);
  for (const frame of frames) assert.ok(frame.length <= LIMITS.outboundFrameBytes);
  const events: Frame[] = frames.map((frame) => JSON.parse(frame.toString()));
  assert.equal(events.flatMap(({ rows: cut }) => cut).length, 500);
  assert.deepEqual(
    events.map(({ full }) => full === true),
    events.map((_, index) => index === 0),
  );
  assert.deepEqual(
    events.map(({ more }) => more === true),
    events.map((_, index) => index < events.length - 1),
  );
});

test('[DELIV-1] an entry is encoded once for all its listeners, and never taken for another of the same number', () => {
  const conversation = (id: number): Conversation =>
    ({ kind: 'group', id, address: `g${id}`, group: id }) as unknown as Conversation;
  const entry = (text: string): Entry => {
    const rest = { ord: 5, tag: 7, kind: 'message', author: 1, authorName: 'ann', clientId: text, time: 1 };
    return { conversation: 1, seq: 5, ...rest, text, target: null, targetName: null, role: null } as unknown as Entry;
  };
  const [one, other] = [entry('one'), entry('other')];
  const frame = entryFrame(one, conversation(1));
  assert.equal(entryFrame(one, conversation(1)), frame);
  const { text, conversation: address } = JSON.parse(entryFrame(other, conversation(2)).toString());
  assert.deepEqual([text, address], ['other', 'g2']);
});
