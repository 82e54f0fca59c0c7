import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  kick,
  message,
  noSuchConversation,
  type OpenStore,
  PAGE,
  type Person,
  StoreFixture,
  seqOf,
  setRole,
} from './fixture.ts';

/** Pages of the log, its heads, and what became of a client id. [LIMIT-1] [SEND-4] */
export function logReadRules(name: string, open: OpenStore): void {
  test(`${name}: an entry comes back as it was said`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const group = await fixture.groupOf(ann, bob);
    const text = 'ünïcödé 👩‍👩‍👧 \u202e "quotes" \\ \n\t; DROP TABLE entry; --';
    const sent = await fixture.one(message(group, bob, { clientId: 'a~!"', text }));
    await fixture.one(setRole(group, ann, { target: bob, role: 'admin' }));
    const { entries } = await fixture.store.readForward(group.id, sent.seq, PAGE);
    const { seq, ord, tag, time } = sent;
    const place = { conversation: group.id, seq, ord, tag, time, clientId: 'a~!"' };
    const author = { author: bob.id, authorName: bob.name };
    const about = { target: null, targetName: null, role: null };
    assert.deepEqual(entries[0], { ...place, ...author, kind: 'message', text, ...about });
    const { kind, targetName, target, role, text: none } = entries[1] ?? {};
    assert.deepEqual([kind, target, targetName, role, none], ['role', bob.id, bob.name, 'admin', null]);
  });

  test(`${name}: forward pages begin with the entry asked for, and end at the head`, async (t) => {
    const { fixture, id } = await talk(t, open);
    const read = async (from: number, entries: number) => {
      const page = await fixture.store.readForward(id, seqOf(from), { entries, bytes: 1_000_000 });
      assert.equal(page.head.seq, 10);
      return page.entries.map(({ seq }) => seq);
    };
    assert.deepEqual(await read(1, 4), [1, 2, 3, 4]);
    assert.deepEqual(await read(8, 4), [8, 9, 10]);
    assert.deepEqual(await read(10, 4), [10]);
    assert.deepEqual(await read(11, 4), []);
    assert.deepEqual(await read(0, 2), [1, 2]);
    assert.deepEqual(await read(Number.MAX_SAFE_INTEGER, 4), []);
  });

  test(`${name}: backward pages end before the entry asked for, by rising seq`, async (t) => {
    const { fixture, id } = await talk(t, open);
    const read = async (before: number, entries: number) => {
      const page = await fixture.store.readBackward(id, seqOf(before), { entries, bytes: 1_000_000 });
      assert.equal(page.head.seq, 10);
      return page.entries.map(({ seq }) => seq);
    };
    assert.deepEqual(await read(Number.MAX_SAFE_INTEGER, 3), [8, 9, 10]);
    assert.deepEqual(await read(11, 3), [8, 9, 10]);
    assert.deepEqual(await read(8, 3), [5, 6, 7]);
    assert.deepEqual(await read(3, 5), [1, 2]);
    assert.deepEqual(await read(1, 5), []);
    assert.deepEqual(await read(0, 5), []);
  });

  test(`[LIMIT-1] ${name}: a page ends when its bytes are full, and holds at least one entry`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const direct = await fixture.direct(ann, bob);
    // Two bytes a character.
    await fixture.all(Array.from({ length: 6 }, () => message(direct, ann, { text: 'é'.repeat(50) })));
    const forward = async (bytes: number) =>
      (await fixture.store.readForward(direct.id, seqOf(1), { entries: 10, bytes })).entries.map(({ seq }) => seq);
    const backward = async (bytes: number) =>
      (await fixture.store.readBackward(direct.id, seqOf(7), { entries: 10, bytes })).entries.map(({ seq }) => seq);
    assert.deepEqual(await forward(300), [1, 2, 3]);
    assert.deepEqual(await forward(299), [1, 2]);
    assert.deepEqual(await forward(1), [1]);
    assert.deepEqual(await backward(300), [4, 5, 6]);
    assert.deepEqual(await backward(1), [6]);
  });

  test(`${name}: an unknown conversation has an empty log`, async (t) => {
    const { store } = await StoreFixture.open(t, open);
    const empty = { seq: 0, ord: 0, tag: 0 };
    assert.deepEqual(await store.readForward(noSuchConversation, seqOf(1), PAGE), { head: empty, entries: [] });
    assert.deepEqual(await store.readBackward(noSuchConversation, seqOf(9), PAGE), { head: empty, entries: [] });
    assert.deepEqual(await store.heads([noSuchConversation]), [empty]);
  });

  test(`${name}: heads come in the order asked, as often as asked`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob, cid] = (await fixture.people(3)) as [Person, Person, Person];
    const [one, other] = [await fixture.direct(ann, bob), await fixture.direct(ann, cid)];
    await fixture.all([message(one, ann), message(other, ann), message(other, ann)]);
    const heads = await fixture.store.heads([other.id, one.id, other.id]);
    assert.deepEqual(
      heads.map(({ seq, ord }) => [seq, ord]),
      [
        [2, 2],
        [1, 1],
        [2, 2],
      ],
    );
    assert.deepEqual(await fixture.store.heads([]), []);
  });

  test(`[SEND-4] ${name}: the outcome of an id is told to whoever asks, also after he was put out`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const group = await fixture.groupOf(ann, bob);
    const sent = await fixture.one(message(group, bob, { clientId: 'a' }));
    await fixture.one(kick(group, ann, bob));
    const outcome = await fixture.store.findOutcome(group.id, bob.id, 'a');
    assert.deepEqual(outcome, { ...sent, fresh: false, prevTag: 0 });
    assert.equal(await fixture.store.findOutcome(group.id, bob.id, 'b'), undefined);
  });
}

/** A direct conversation of ten messages. */
async function talk(...[t, open]: Parameters<typeof StoreFixture.open>) {
  const fixture = await StoreFixture.open(t, open);
  const [ann, bob] = (await fixture.people(2)) as [Person, Person];
  const { id } = await fixture.direct(ann, bob);
  await fixture.all(Array.from({ length: 10 }, (_, index) => message({ id }, index % 2 === 0 ? ann : bob)));
  return { fixture, id };
}
