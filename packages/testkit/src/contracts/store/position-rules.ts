import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ord } from '@parley/protocol';
import type { PositionMove, StateRow } from '@parley/server/ports';
import { join, leave, message, NO_VERSION, type OpenStore, type Person, StoreFixture, seqOf } from './fixture.ts';

type ConversationState = Extract<StateRow, { row: 'conversation' }>;

/** How far accounts have read, and what counts as unread. [POS-1] */
export function positionRules(name: string, open: OpenStore): void {
  test(`[POS-1] ${name}: positions move forward only, and not beyond the head`, async (t) => {
    const { fixture, direct, bob, move } = await talk(t, open);
    assert.deepEqual(await fixture.store.movePositions([move('read', 4)]), [bob.id]);
    assert.deepEqual(await positions(fixture, bob), { readSeq: 4, readOrd: 4, deliveredSeq: 4 });
    assert.deepEqual(await fixture.store.movePositions([move('read', 3)]), []);
    assert.deepEqual(await fixture.store.movePositions([move('read', 4)]), []);
    assert.deepEqual(await fixture.store.movePositions([move('read', 999)]), [bob.id]);
    assert.deepEqual(await positions(fixture, bob), { readSeq: 10, readOrd: 10, deliveredSeq: 10 });
    assert.equal((await fixture.store.membership(bob.id, direct.id))?.readSeq, 10);
  });

  test(`[POS-1] ${name}: delivered follows read, and may be ahead of it`, async (t) => {
    const { fixture, bob, move } = await talk(t, open);
    assert.deepEqual(await fixture.store.movePositions([move('delivered', 6)]), [bob.id]);
    assert.deepEqual(await positions(fixture, bob), { readSeq: 0, readOrd: 0, deliveredSeq: 6 });
    await fixture.store.movePositions([move('read', 5)]);
    assert.deepEqual(await positions(fixture, bob), { readSeq: 5, readOrd: 5, deliveredSeq: 6 });
    await fixture.store.movePositions([move('read', 8)]);
    assert.deepEqual(await positions(fixture, bob), { readSeq: 8, readOrd: 8, deliveredSeq: 8 });
  });

  test(`[POS-1] ${name}: with a base, a position moves only when so many messages are read`, async (t) => {
    const { fixture, bob, move } = await talk(t, open);
    assert.deepEqual(await fixture.store.movePositions([{ ...move('read', 9), base: 8 as Ord }]), []);
    await fixture.store.movePositions([move('read', 8)]);
    assert.deepEqual(await fixture.store.movePositions([{ ...move('read', 9), base: 8 as Ord }]), [bob.id]);
    assert.deepEqual(await fixture.store.movePositions([{ ...move('read', 10), base: 8 as Ord }]), [bob.id]);
    assert.equal((await positions(fixture, bob)).readSeq, 10);
  });

  test(`[POS-1] ${name}: moves of one call see each other, and strangers have none`, async (t) => {
    const { fixture, bob, ann, move } = await talk(t, open);
    const eve = await fixture.person();
    const moved = await fixture.store.movePositions([
      { ...move('read', 5), user: eve.id },
      move('read', 2),
      { ...move('read', 3), base: 2 as Ord },
      { ...move('read', 1), user: ann.id },
    ]);
    assert.deepEqual(new Set(moved), new Set([ann.id, bob.id]));
    assert.equal((await positions(fixture, bob)).readSeq, 3);
    assert.deepEqual(await fixture.store.movePositions([]), []);
  });

  test(`[POS-1] ${name}: the classic position is the server's own: no revision`, async (t) => {
    const { fixture, direct, bob, move } = await talk(t, open);
    const before = await fixture.store.readState(bob.id, NO_VERSION, { limit: 10, paging: false });
    assert.deepEqual(await fixture.store.movePositions([move('classic', 4)]), []);
    await fixture.store.movePositions([move('classic', 2)]);
    const membership = await fixture.store.membership(bob.id, direct.id);
    assert.deepEqual([membership?.classicSeq, membership?.readSeq], [4, 0]);
    const after = await fixture.store.readState(bob.id, NO_VERSION, { limit: 10, paging: false });
    assert.deepEqual(after.version, before.version);
  });

  test(`[POS-1] ${name}: unread is the messages after the position, whatever lies between`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob, cid] = (await fixture.people(3)) as [Person, Person, Person];
    const group = await fixture.groupOf(ann, bob);
    await fixture.all([
      message(group, ann),
      join(group, cid),
      message(group, cid),
      leave(group, cid),
      message(group, ann),
    ]);
    const unread: number[] = [];
    for (let seq = 2; seq <= 7; seq += 1) {
      const base = 0 as Ord;
      const to = seqOf(seq);
      await fixture.store.movePositions([{ user: bob.id, conversation: group.id, which: 'read', to, base }]);
      const { head, readOrd } = await conversationState(fixture, bob);
      unread.push(head.ord - readOrd);
    }
    assert.deepEqual(unread, [3, 2, 2, 1, 1, 0]);
  });

  test(`[POS-1] ${name}: entries that are no messages do not stand between a base and its message`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const group = await fixture.groupOf(ann);
    await fixture.all([message(group, ann), join(group, bob), message(group, ann), message(group, bob)]);
    const own = { conversation: group.id, which: 'read' } as const;
    await fixture.store.movePositions([{ ...own, user: ann.id, to: seqOf(4), base: 0 as Ord }]);
    assert.deepEqual((await conversationState(fixture, ann)).readOrd, 2);
    await fixture.store.movePositions([{ ...own, user: bob.id, to: seqOf(5), base: 2 as Ord }]);
    assert.deepEqual((await conversationState(fixture, bob)).readOrd, 1, 'ann has said something since bob came');
  });

  test(`[POS-1] ${name}: who comes in, or back, has nothing unread from before`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const group = await fixture.groupOf(ann);
    await fixture.all([message(group, ann), message(group, ann), join(group, bob), message(group, ann)]);
    const state = await conversationState(fixture, bob);
    assert.deepEqual([state.readSeq, state.readOrd, state.deliveredSeq, state.head.ord], [3, 2, 3, 3]);
    await fixture.all([leave(group, bob), message(group, ann), join(group, bob), message(group, ann)]);
    const back = await conversationState(fixture, bob);
    assert.deepEqual([back.readSeq, back.readOrd, back.head.ord], [7, 4, 5]);
    assert.equal((await fixture.store.membership(bob.id, group.id))?.classicSeq, 7);
  });
}

/** A direct conversation of ten messages by the one, and moves of the other. */
async function talk(...[t, open]: Parameters<typeof StoreFixture.open>) {
  const fixture = await StoreFixture.open(t, open);
  const [ann, bob] = (await fixture.people(2)) as [Person, Person];
  const direct = await fixture.direct(ann, bob);
  await fixture.all(Array.from({ length: 10 }, () => message(direct, ann)));
  const move = (which: PositionMove['which'], to: number): PositionMove => {
    return { user: bob.id, conversation: direct.id, which, to: seqOf(to), base: 0 as Ord };
  };
  return { fixture, direct, ann, bob, move };
}

async function conversationState({ store }: StoreFixture, { id }: Person): Promise<ConversationState> {
  const { rows } = await store.readState(id, NO_VERSION, { limit: 10, paging: false });
  const row = rows.find((each) => each.row === 'conversation');
  assert.ok(row?.row === 'conversation');
  return row;
}

async function positions(fixture: StoreFixture, person: Person) {
  const { readSeq, readOrd, deliveredSeq } = await conversationState(fixture, person);
  return { readSeq, readOrd, deliveredSeq };
}
