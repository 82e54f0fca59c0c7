import assert from 'node:assert/strict';
import { test } from 'node:test';
import { message, noSuchConversation, noSuchUser, type OpenStore, request, StoreFixture } from './fixture.ts';

/** Two people's conversation: one for both, made once, and closed to who is blocked. [IDENT-2] */
export function directRules(name: string, open: OpenStore): void {
  test(`${name}: two people have one direct conversation, whoever opens it`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = [await fixture.person(), await fixture.person()];
    assert.equal(await fixture.store.findDirect(ann.id, bob.id), undefined);
    const opened = await fixture.direct(bob, ann);
    const { id } = opened;
    const address = `d${ann.id}-${bob.id}`;
    assert.deepEqual(opened, { kind: 'direct', id, address, low: ann.id, high: bob.id });
    assert.deepEqual(await fixture.direct(ann, bob), opened);
    assert.deepEqual(await fixture.store.findDirect(bob.id, ann.id), opened);
    assert.deepEqual(await fixture.store.findConversation(id), opened);
    assert.equal(await fixture.store.findConversation(noSuchConversation), undefined);
    assert.deepEqual(await fixture.store.heads([id]), [{ seq: 0, ord: 0, tag: 0 }]);
  });

  test(`${name}: two who open it at once get the same one`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = [await fixture.person(), await fixture.person()];
    const opened = await Promise.all(Array.from({ length: 8 }, () => fixture.direct(ann, bob)));
    assert.equal(new Set(opened.map(({ id }) => id)).size, 1);
  });

  test(`${name}: both are members from the first entry on; who writes to himself is one`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = [await fixture.person(), await fixture.person()];
    const direct = await fixture.direct(ann, bob);
    const own = await fixture.direct(ann, ann);
    const expected = { conversation: direct, stays: [{ from: 1, to: null }], readSeq: 0, classicSeq: 0 };
    assert.deepEqual(await fixture.store.memberships(bob.id, 0, 10), [expected]);
    assert.deepEqual(await fixture.store.memberships(ann.id, 0, 10), [expected, { ...expected, conversation: own }]);
    await fixture.all([message(own, ann)]);
  });

  test(`[IDENT-2] ${name}: a block keeps a conversation from being made, from either side`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = [await fixture.person(), await fixture.person()];
    await fixture.store.setEdge(ann.id, bob.id, { blocked: true });
    assert.equal(await fixture.store.openDirect(ann.id, bob.id), 'blocked');
    assert.equal(await fixture.store.openDirect(bob.id, ann.id), 'blocked');
    assert.equal(await fixture.store.openDirect(ann.id, noSuchUser), 'no_such_user');
    await fixture.store.setEdge(ann.id, bob.id, { blocked: false });
    // And where the one with the higher number has blocked.
    await fixture.store.setEdge(bob.id, ann.id, { blocked: true });
    assert.equal(await fixture.store.openDirect(ann.id, bob.id), 'blocked');
    assert.equal(await fixture.store.openDirect(bob.id, ann.id), 'blocked');
    await fixture.store.setEdge(bob.id, ann.id, { blocked: false });
    const direct = await fixture.direct(bob, ann);
    await fixture.store.setEdge(ann.id, bob.id, { blocked: true });
    assert.deepEqual(await fixture.direct(bob, ann), direct);
  });

  test(`[IDENT-2] ${name}: who is blocked cannot write, his blocker can, and both may again when it is lifted`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = [await fixture.person(), await fixture.person()];
    const direct = await fixture.direct(ann, bob);
    await fixture.one(message(direct, bob));
    await fixture.store.setEdge(ann.id, bob.id, { blocked: true });
    assert.equal(await fixture.refusal(message(direct, bob)), 'blocked');
    await fixture.one(message(direct, ann));
    await fixture.store.setEdge(ann.id, bob.id, { blocked: false });
    await fixture.one(message(direct, bob));
    assert.equal(await fixture.headSeq(direct), 3);
  });

  test(`${name}: strangers, unknown conversations and group business are refused`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob, eve] = [await fixture.person(), await fixture.person(), await fixture.person()];
    const direct = await fixture.direct(ann, bob);
    assert.equal(await fixture.refusal(message(direct, eve)), 'not_member');
    assert.equal(await fixture.refusal(message({ id: noSuchConversation }, ann)), 'no_such_conversation');
    for (const kind of ['join', 'leave', 'kick', 'role'] as const) {
      assert.equal(await fixture.refusal(request(direct, ann, { kind })), 'no_such_group');
    }
    assert.equal(await fixture.headSeq(direct), 0);
  });
}
