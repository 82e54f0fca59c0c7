import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppendRequest } from '@parley/server/ports';
import {
  join,
  kick,
  leave,
  message,
  noSuchConversation,
  type OpenStore,
  type Person,
  StoreFixture,
} from './fixture.ts';

/** Stays: which entries a member may see, and whose private state a commit changes. [VIS-1] */
export function membershipRules(name: string, open: OpenStore): void {
  test(`[VIS-1] ${name}: each membership is a stay, both its entries included`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const group = await fixture.groupOf(ann);
    await fixture.one(message(group, ann));
    const joined = await fixture.one(join(group, bob));
    assert.deepEqual(await stays(fixture, bob, group), [{ from: joined.seq, to: null }]);
    await fixture.one(message(group, ann));
    const kicked = await fixture.one(kick(group, ann, bob));
    await fixture.one(message(group, ann));
    const back = await fixture.one(join(group, bob));
    const left = await fixture.one(leave(group, bob));
    assert.deepEqual(await stays(fixture, bob, group), [
      { from: joined.seq, to: kicked.seq },
      { from: back.seq, to: left.seq },
    ]);
    assert.deepEqual(await stays(fixture, ann, group), [{ from: 1, to: null }]);
  });

  test(`[VIS-1] ${name}: in and out again within one batch are two stays`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const group = await fixture.groupOf(ann);
    await fixture.all([join(group, bob), leave(group, bob), join(group, bob)]);
    assert.deepEqual(await stays(fixture, bob, group), [
      { from: 2, to: 3 },
      { from: 4, to: null },
    ]);
  });

  test(`${name}: memberships, past ones too, come in pages by conversation id`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const groups = [];
    for (let count = 0; count < 7; count += 1) groups.push(await fixture.groupOf(ann, bob));
    await fixture.all([leave(groups[2] as (typeof groups)[0], bob)]);
    const all = await fixture.store.memberships(bob.id, 0, 100);
    assert.deepEqual(
      all.map(({ conversation }) => conversation),
      groups,
    );
    assert.deepEqual(all[2]?.stays, [{ from: 2, to: 3 }]);
    const paged = [];
    for (;;) {
      const page = await fixture.store.memberships(bob.id, paged.at(-1)?.conversation.id ?? 0, 3);
      paged.push(...page);
      if (page.length < 3) break;
    }
    assert.deepEqual(paged, all);
  });

  test(`${name}: one membership is found, and none where there never was one`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const group = await fixture.groupOf(ann);
    await fixture.groupOf(bob);
    assert.deepEqual((await fixture.store.membership(ann.id, group.id))?.conversation, group);
    assert.equal(await fixture.store.membership(bob.id, group.id), undefined);
    assert.equal(await fixture.store.membership(ann.id, noSuchConversation), undefined);
  });

  test(`${name}: a commit tells whose private state changed with it`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob, cid] = (await fixture.people(3)) as [Person, Person, Person];
    const group = await fixture.groupOf(ann, bob);
    const changed = async (...batch: readonly AppendRequest[]) => {
      const outcome = await fixture.store.commit(batch, 'main');
      return outcome.state === 'done' ? outcome.changed.toSorted((one, other) => one - other) : undefined;
    };
    assert.deepEqual(await changed(message(group, ann)), []);
    assert.deepEqual(await changed(join(group, cid), message(group, ann)), [cid.id]);
    assert.deepEqual(await changed(kick(group, ann, cid)), [cid.id]);
    assert.deepEqual(
      await changed(leave(group, ann)),
      [ann.id, bob.id].toSorted((one, other) => one - other),
    );
  });
}

async function stays({ store }: StoreFixture, { id }: Person, group: Awaited<ReturnType<StoreFixture['groupOf']>>) {
  return (await store.membership(id, group.id))?.stays;
}
