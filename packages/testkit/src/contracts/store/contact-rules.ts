import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noSuchUser, type OpenStore, type Person, StoreFixture } from './fixture.ts';

/** Edges between people, as each side sees them, and what a block prevents. [IDENT-2] */
export function contactRules(name: string, open: OpenStore): void {
  test(`${name}: an edge shows on both sides, a block on its owner's only`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const { store } = fixture;
    const [ann, bob] = [await fixture.person(), await fixture.person()];
    assert.equal(await store.setEdge(ann.id, bob.id, { added: true }), true);
    assert.deepEqual(await flags(fixture, ann), [[bob.id, 'added']]);
    assert.deepEqual(await flags(fixture, bob), [[ann.id, 'addedMe']]);
    await store.setEdge(bob.id, ann.id, { added: true });
    assert.deepEqual(await flags(fixture, ann), [[bob.id, 'added addedMe']]);
    await store.setEdge(bob.id, ann.id, { added: false, blocked: true });
    assert.deepEqual(await flags(fixture, ann), [[bob.id, 'added']]);
    assert.deepEqual(await flags(fixture, bob), [[ann.id, 'addedMe blocked']]);
  });

  test(`${name}: who has no edge left is not listed, nor is who only has blocked`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = [await fixture.person(), await fixture.person()];
    await fixture.store.setEdge(ann.id, bob.id, { added: true });
    await fixture.store.setEdge(ann.id, bob.id, { added: false });
    assert.deepEqual(await flags(fixture, ann), []);
    assert.deepEqual(await flags(fixture, bob), []);
    await fixture.store.setEdge(ann.id, bob.id, { blocked: true });
    assert.deepEqual(await flags(fixture, bob), []);
  });

  test(`${name}: a contact carries name and last seen, and for the rules who has blocked the owner`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = [await fixture.person(), await fixture.person()];
    await fixture.store.setEdge(ann.id, bob.id, { added: true });
    await fixture.store.setLastSeen(bob.id, 9_000);
    const seen = { user: bob.id, name: bob.name, lastSeenAt: 9_000, added: true, addedMe: false, blocked: false };
    assert.deepEqual(await fixture.store.listContacts(ann.id, 0, 10), [{ ...seen, blockedMe: false }]);
    await fixture.store.setEdge(bob.id, ann.id, { blocked: true });
    assert.deepEqual(await fixture.store.listContacts(ann.id, 0, 10), [{ ...seen, blockedMe: true }]);
  });

  test(`[PRES-1] ${name}: the parted are those with a block in either direction, within the range`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob, eve] = [await fixture.person(), await fixture.person(), await fixture.person()];
    const parted = async (who: typeof ann, after: number, last: number): Promise<number[]> => {
      return await fixture.store.listParted(who.id, after, last);
    };
    await fixture.store.setEdge(bob.id, ann.id, { added: true });
    await fixture.store.setEdge(ann.id, eve.id, { blocked: true });
    assert.deepEqual(await parted(ann, 0, eve.id), [eve.id]);
    assert.deepEqual(await parted(eve, 0, eve.id), [ann.id]);
    assert.deepEqual([await parted(ann, 0, bob.id), await parted(ann, eve.id, eve.id + 1)], [[], []]);
    await fixture.store.setEdge(ann.id, eve.id, { blocked: false });
    assert.deepEqual(await parted(eve, 0, eve.id), []);
  });

  test(`[IDENT-2] ${name}: nobody adds who has blocked him, and nothing changes by trying`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = [await fixture.person(), await fixture.person()];
    await fixture.store.setEdge(ann.id, bob.id, { blocked: true });
    assert.equal(await fixture.store.setEdge(bob.id, ann.id, { added: true }), 'blocked');
    assert.deepEqual(await flags(fixture, bob), []);
    assert.equal(await fixture.store.setEdge(bob.id, ann.id, { blocked: true }), true);
    assert.equal(await fixture.store.setEdge(ann.id, bob.id, { blocked: false }), true);
    assert.deepEqual(await flags(fixture, bob), [[ann.id, 'blocked']]);
  });

  test(`${name}: a change that changes nothing says so, as does one to nobody`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = [await fixture.person(), await fixture.person()];
    await fixture.store.setEdge(ann.id, bob.id, { added: true });
    for (const change of [{ added: true }, { blocked: false }, {}]) {
      assert.equal(await fixture.store.setEdge(ann.id, bob.id, change), false);
    }
    assert.equal(await fixture.store.setEdge(ann.id, noSuchUser, { added: true }), false);
    assert.equal(await fixture.store.setEdge(ann.id, ann.id, { added: true }), false);
  });

  test(`${name}: contacts are listed in pages by user id`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const ann = await fixture.person();
    const others = await fixture.people(7);
    for (const { id } of others) await fixture.store.setEdge(ann.id, id, { added: true });
    const seen: number[] = [];
    for (;;) {
      const page = await fixture.store.listContacts(ann.id, seen.at(-1) ?? 0, 3);
      seen.push(...page.map(({ user }) => user));
      if (page.length < 3) break;
    }
    assert.deepEqual(
      seen,
      others.map(({ id }) => id).toSorted((one, other) => one - other),
    );
  });
}

async function flags({ store }: StoreFixture, { id }: Person): Promise<[number, string][]> {
  const contacts = await store.listContacts(id, 0, 100);
  return contacts.map(({ user, ...contact }) => {
    const names = (['added', 'addedMe', 'blocked'] as const).filter((flag) => contact[flag]);
    return [user, names.join(' ')];
  });
}
