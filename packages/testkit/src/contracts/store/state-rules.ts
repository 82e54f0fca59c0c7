import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ord, Tag } from '@parley/protocol';
import type { StatePage, StateRow, StateVersion } from '@parley/server/ports';
import {
  kick,
  leave,
  message,
  NO_VERSION,
  noSuchUser,
  type OpenStore,
  type Person,
  StoreFixture,
  seqOf,
  setRole,
} from './fixture.ts';

/** Private state by versions: a device gets what changed since its own, or everything. [STATE-1] */
export function stateRules(name: string, open: OpenStore): void {
  test(`[STATE-1] ${name}: a device that has nothing gets everything`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const direct = await fixture.direct(ann, bob);
    const group = await fixture.groupOf(bob, ann);
    await fixture.store.setEdge(ann.id, bob.id, { added: true });
    await fixture.one(message(direct, bob));
    const { rows, more, full, version } = await read(fixture, ann);
    assert.deepEqual([more, full, version.rev], [false, true, 3]);
    const places = { readSeq: 0, readOrd: 0, deliveredSeq: 0 };
    const beforeJoin = { readSeq: 1, readOrd: 0, deliveredSeq: 1 };
    const contact = { user: bob.id, name: bob.name, lastSeenAt: null, added: true, addedMe: false, blocked: false };
    const named = { name: (await fixture.store.findGroup(group.group))?.name, description: 'about it' };
    const member = { row: 'conversation', role: 'member', left: false } as const;
    assert.deepEqual(rows, [
      { ...member, rev: 1, conversation: direct, name: bob.name, description: '', head: { seq: 1, ord: 1 }, ...places },
      { ...member, rev: 2, conversation: group, ...named, head: { seq: 2, ord: 0 }, ...beforeJoin },
      { row: 'contact', rev: 3, contact },
    ]);
  });

  test(`[STATE-1] ${name}: a device gets the rows that changed since, removed ones too`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const group = await fixture.groupOf(bob, ann);
    await fixture.store.setEdge(ann.id, bob.id, { added: true });
    let { version } = await read(fixture, ann);
    const changes = async () => {
      const page = await read(fixture, ann, version);
      assert.equal(page.full, false);
      ({ version } = page);
      return page.rows.map(describe);
    };
    assert.deepEqual(await changes(), []);
    await fixture.all([setRole(group, bob, { target: ann, role: 'admin' })]);
    assert.deepEqual(await changes(), [`${group.address} admin`]);
    await fixture.store.setEdge(bob.id, ann.id, { added: true });
    assert.deepEqual(await changes(), [`u${bob.id} added addedMe`]);
    await fixture.store.setEdge(ann.id, bob.id, { added: false });
    await fixture.store.setEdge(bob.id, ann.id, { added: false });
    await fixture.all([kick(group, bob, ann)]);
    assert.deepEqual(await changes(), [`u${bob.id}`, `${group.address} member left`]);
    assert.deepEqual(await changes(), []);
  });

  test(`[STATE-1] ${name}: a full copy leaves out what was removed`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const [kept, left] = [await fixture.groupOf(bob, ann), await fixture.groupOf(bob, ann)];
    await fixture.one(leave(left, ann));
    await fixture.store.setEdge(ann.id, bob.id, { added: true });
    await fixture.store.setEdge(ann.id, bob.id, { added: false });
    assert.deepEqual((await read(fixture, ann)).rows.map(describe), [`${kept.address} member`]);
  });

  test(`[STATE-1] ${name}: the last 32 versions are known; an older one, or another history's, gets everything`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const { address } = await fixture.direct(ann, bob);
    const first = (await read(fixture, ann)).version;
    for (let count = 0; count < 31; count += 1) await toggle(fixture, ann, bob);
    assert.deepEqual(summary(await read(fixture, ann, first)), { full: false, rows: [`u${bob.id} blocked`] });
    await toggle(fixture, ann, bob);
    const everything = { full: true, rows: [`${address} member`] };
    assert.deepEqual(summary(await read(fixture, ann, first)), everything);
    const { version } = await read(fixture, ann);
    const forged = { rev: version.rev, tag: ((version.tag ^ 1) >>> 0) as Tag };
    assert.deepEqual(summary(await read(fixture, ann, forged)), everything);
    assert.deepEqual(summary(await read(fixture, ann, { ...version, rev: version.rev + 1 })), everything);
    assert.deepEqual(summary(await read(fixture, ann, version)), { full: false, rows: [] });
  });

  test(`[STATE-1] ${name}: a change of many rows uses up one version`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const ann = await fixture.person();
    const others = await fixture.people(40);
    const directs = await Promise.all(others.map((other) => fixture.direct(ann, other)));
    await fixture.all(directs.map((direct, index) => message(direct, others[index] as Person)));
    const { version } = await read(fixture, ann);
    const moves = directs.map(({ id }) => {
      return { user: ann.id, conversation: id, which: 'read', to: seqOf(1), base: 0 as Ord } as const;
    });
    assert.deepEqual(await fixture.store.movePositions(moves), [ann.id]);
    const page = await read(fixture, ann, version);
    assert.deepEqual([page.full, page.rows.length], [false, 40]);
  });

  test(`[STATE-1] ${name}: pages by rising revision lead through everything once`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const ann = await fixture.person();
    const others = await fixture.people(6);
    for (const other of others) {
      await fixture.direct(ann, other);
      await fixture.store.setEdge(other.id, ann.id, { added: true });
    }
    const whole = await read(fixture, ann);
    const rows: StateRow[] = [];
    let page = await fixture.store.readState(ann.id, NO_VERSION, { limit: 5, paging: false });
    for (;;) {
      rows.push(...page.rows);
      if (!page.more) break;
      assert.equal(page.rows.length, 5);
      page = await fixture.store.readState(ann.id, page.version, { limit: 5, paging: true });
      assert.equal(page.full, false);
    }
    assert.deepEqual(rows, whole.rows);
    assert.deepEqual(page.version, whole.version);
    assert.deepEqual(
      rows.map(({ rev }) => rev),
      Array.from({ length: 12 }, (_, index) => index + 1),
    );
  });

  test(`[STATE-1] ${name}: what changes between two pages comes on a later one`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const ann = await fixture.person();
    const [bob, cid, dan] = (await fixture.people(3)) as [Person, Person, Person];
    for (const other of [bob, cid, dan]) await fixture.store.setEdge(ann.id, other.id, { added: true });
    const first = await fixture.store.readState(ann.id, NO_VERSION, { limit: 2, paging: false });
    await fixture.store.setEdge(ann.id, bob.id, { added: false });
    const second = await fixture.store.readState(ann.id, first.version, { limit: 2, paging: true });
    assert.deepEqual(second.rows.map(describe), [`u${dan.id} added`, `u${bob.id}`]);
  });

  test(`[STATE-1] [TAG-1] ${name}: a page that goes on from one of another history begins anew`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const ann = await fixture.person();
    for (const other of await fixture.people(3)) await fixture.store.setEdge(ann.id, other.id, { added: true });
    const { version } = await fixture.store.readState(ann.id, NO_VERSION, { limit: 2, paging: false });
    const foreign = { rev: version.rev, tag: (version.tag ^ 1) as Tag };
    const page = await fixture.store.readState(ann.id, foreign, { limit: 2, paging: true });
    assert.deepEqual([page.full, page.rows.length, page.more], [true, 2, true]);
    const kept = await fixture.store.readState(ann.id, version, { limit: 2, paging: false });
    assert.equal(kept.full, true, 'with more it is not to be kept');
  });

  test(`[STATE-1] ${name}: users without private state have none`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const nothing = { full: true, rows: [], version: NO_VERSION, more: false };
    assert.deepEqual(await read(fixture, await fixture.person()), nothing);
    assert.deepEqual(await read(fixture, { id: noSuchUser, name: '' }), nothing);
  });
}

function read({ store }: StoreFixture, { id }: Person, since: StateVersion = NO_VERSION): Promise<StatePage> {
  return store.readState(id, since, { limit: 500, paging: false });
}

/** Blocks, or lifts the block. */
async function toggle({ store }: StoreFixture, owner: Person, peer: Person): Promise<void> {
  if (await store.setEdge(owner.id, peer.id, { blocked: true })) return;
  await store.setEdge(owner.id, peer.id, { blocked: false });
}

function summary({ full, rows }: StatePage) {
  return { full, rows: rows.map(describe) };
}

function describe(row: StateRow): string {
  if (row.row === 'conversation') return `${row.conversation.address} ${row.role}${row.left ? ' left' : ''}`;
  const { contact } = row;
  const flags = (['added', 'addedMe', 'blocked'] as const).filter((flag) => contact[flag]);
  return [`u${contact.user}`, ...flags].join(' ');
}
