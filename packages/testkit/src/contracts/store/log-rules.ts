import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cancel,
  join,
  kick,
  message,
  type OpenStore,
  PAGE,
  type Person,
  placed,
  request,
  StoreFixture,
  type StoreTools,
  seqOf,
} from './fixture.ts';

/** What appending promises: order, repeats, cancelling, chains. [SEND-1] to [SEND-5], [ORDER-1] [ORDER-2] */
export function logRules(name: string, open: OpenStore, tools: StoreTools): void {
  orderRules(name, open, tools);
  repeatRules(name, open);
  cancelRules(name, open);
  chainRules(name, open);
}

function orderRules(name: string, open: OpenStore, { shiftClock }: StoreTools): void {
  test(`[ORDER-1] ${name}: seq counts entries and ord messages, densely, each tag in the next one's prevTag`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const { group, cursor } = await fixture.group(ann);
    const batches = [[message(group, ann), join(group, bob), message(group, bob)], [message(group, ann)]];
    const results = [];
    for (const batch of batches) results.push(...(await fixture.all(batch)));
    assert.deepEqual(
      results.map(({ seq, ord, fresh }) => [seq, ord, fresh]),
      [
        [2, 1, true],
        [3, 1, true],
        [4, 2, true],
        [5, 3, true],
      ],
    );
    const tags = [cursor.tag, ...results.map(({ tag }) => tag)];
    assert.deepEqual(
      results.map(({ prevTag }) => prevTag),
      tags.slice(0, -1),
    );
    assert.equal(new Set(tags).size, tags.length);
    assert.ok(tags.every((tag) => Number.isInteger(tag) && tag > 0 && tag < 2 ** 32));
    const { head, entries } = await fixture.store.readForward(group.id, seqOf(1), PAGE);
    assert.deepEqual(head, { seq: 5, ord: 3, tag: tags.at(-1) });
    assert.deepEqual(
      entries.map(({ tag }) => tag),
      tags,
    );
  });

  test(`[ORDER-1] ${name}: the first message of a direct conversation follows nothing`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const { seq, ord, prevTag } = await fixture.one(message(await fixture.direct(ann, bob), ann));
    assert.deepEqual([seq, ord, prevTag], [1, 1, 0]);
  });

  test(`[ORDER-1] ${name}: batches sent at once stay dense, in each conversation`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob, cid] = (await fixture.people(3)) as [Person, Person, Person];
    const [one, other] = [await fixture.direct(ann, bob), await fixture.direct(ann, cid)];
    const batch = () => [message(one, ann), message(other, ann), message(one, bob), message(other, cid)];
    const results = (await Promise.all(Array.from({ length: 25 }, () => fixture.all(batch())))).flat();
    const dense = Array.from({ length: 50 }, (_, index) => index + 1);
    for (const [conversation, parity] of [[one, 0] as const, [other, 1] as const]) {
      const seqs = results.filter((_, index) => index % 2 === parity).map(({ seq }) => seq);
      assert.deepEqual(
        seqs.toSorted((a, b) => a - b),
        dense,
      );
      const { entries } = await fixture.store.readForward(conversation.id, seqOf(1), PAGE);
      assert.deepEqual(
        entries.map(({ seq, ord }) => [seq, ord]),
        dense.map((seq) => [seq, seq]),
      );
    }
  });

  test(`[SEND-1] ${name}: what was acknowledged is there for every read that follows`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const direct = await fixture.direct(ann, bob);
    for (let count = 1; count <= 50; count += 1) {
      const { seq, tag } = await fixture.one(message(direct, ann));
      assert.deepEqual(await fixture.store.heads([direct.id]), [{ seq, ord: count, tag }]);
    }
  });

  test(`${name}: an empty batch is nothing`, async (t) => {
    const { store } = await StoreFixture.open(t, open);
    assert.deepEqual(await store.commit([], 'main'), { state: 'done', results: [], changed: [] });
  });

  test(`[ORDER-1] ${name}: time never falls, even when the store's clock is set back`, async (t) => {
    if (shiftClock === undefined) {
      t.skip('this store has no clock that a test can move');
      return;
    }
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const direct = await fixture.direct(ann, bob);
    const before = await fixture.one(message(direct, ann));
    await shiftClock(fixture.store, -3_600_000);
    const set = await fixture.one(message(direct, ann));
    assert.equal(set.time, before.time);
    await shiftClock(fixture.store, 7_200_000);
    const after = await fixture.one(message(direct, ann));
    assert.ok(after.time > before.time);
    await shiftClock(fixture.store, -3_600_000);
  });
}

function repeatRules(name: string, open: OpenStore): void {
  test(`[SEND-2] ${name}: a repeat gets the first outcome and makes no entry`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const direct = await fixture.direct(ann, bob);
    const sent = message(direct, ann, { clientId: 'a' });
    const first = await fixture.one(sent);
    await fixture.one(message(direct, bob));
    const repeat = { ...first, fresh: false, prevTag: 0 };
    assert.deepEqual(await fixture.one(sent), repeat);
    assert.deepEqual(await fixture.store.findOutcome(direct.id, ann.id, 'a'), repeat);
    assert.equal(await fixture.headSeq(direct), 2);
  });

  test(`[SEND-2] ${name}: twice in one batch is once`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const direct = await fixture.direct(ann, bob);
    const sent = message(direct, ann);
    const results = await fixture.all([sent, message(direct, ann), sent]);
    assert.deepEqual(
      results.map(({ seq, fresh }) => [seq, fresh]),
      [
        [1, true],
        [2, true],
        [1, false],
      ],
    );
  });

  test(`[SEND-2] ${name}: an id belongs to its author and conversation, and is compared byte for byte`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob, cid] = (await fixture.people(3)) as [Person, Person, Person];
    const [one, other] = [await fixture.direct(ann, bob), await fixture.direct(ann, cid)];
    const requests = [
      message(one, ann, { clientId: 'x' }),
      message(one, bob, { clientId: 'x' }),
      message(other, ann, { clientId: 'x' }),
      message(one, ann, { clientId: 'X' }),
      message(one, ann, { clientId: 'x!' }),
    ];
    const results = await fixture.all(requests);
    assert.ok(results.every(({ fresh }) => fresh));
    assert.equal(await fixture.store.findOutcome(one.id, cid.id, 'x'), undefined);
  });

  test(`[SEND-3] ${name}: another content under a known id is a conflict, in the same batch and later`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const direct = await fixture.direct(ann, bob);
    const said = { clientId: 'a', hash: 2 ** 53 - 1 };
    const results = await fixture.commit(message(direct, ann, said), message(direct, ann, { ...said, hash: 0 }));
    assert.deepEqual(results[1], { state: 'refused', code: 'id_conflict' });
    assert.equal(await fixture.refusal(message(direct, ann, { ...said, hash: 2 ** 53 - 2 })), 'id_conflict');
    assert.equal((await fixture.one(message(direct, ann, said))).fresh, false);
    assert.equal(await fixture.headSeq(direct), 1);
  });

  test(`[SEND-2] [IDENT-2] ${name}: a repeat is answered though it would be refused by now`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const group = await fixture.groupOf(ann, bob);
    const sent = message(group, bob);
    const first = await fixture.one(sent);
    await fixture.one(kick(group, ann, bob));
    assert.deepEqual(await fixture.one(sent), { ...first, fresh: false, prevTag: 0 });
  });

  test(`[SEND-5] ${name}: settling tells what is there, and makes nothing`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const direct = await fixture.direct(ann, bob);
    const [there, absent] = [message(direct, ann), message(direct, ann)];
    const first = await fixture.one(there);
    const outcome = await fixture.store.settle([absent, there, { ...there, hash: 1 }], 'main');
    assert.equal(outcome.state, 'settled');
    const [one, two, three] = outcome.state === 'settled' ? outcome.results : [];
    assert.equal(one, undefined);
    assert.deepEqual([placed(two).seq, placed(two).tag], [first.seq, first.tag]);
    assert.equal(placed(two).fresh, true, 'nobody was told of it yet');
    assert.deepEqual(three, { state: 'refused', code: 'id_conflict' });
    assert.equal(await fixture.headSeq(direct), 1);
  });
}

function cancelRules(name: string, open: OpenStore): void {
  test(`[SEND-4] ${name}: a cancelled id is never stored afterwards`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const direct = await fixture.direct(ann, bob);
    const tombstone = await fixture.one(cancel(direct, ann, 'a'));
    assert.deepEqual([tombstone.state, tombstone.fresh, tombstone.seq, tombstone.ord], ['cancelled', true, 1, 0]);
    const late = await fixture.one(message(direct, ann, { clientId: 'a' }));
    assert.deepEqual([late.state, late.fresh, late.seq], ['cancelled', false, 1]);
    assert.equal((await fixture.one(cancel(direct, ann, 'a'))).fresh, false);
    assert.equal((await fixture.store.findOutcome(direct.id, ann.id, 'a'))?.state, 'cancelled');
    assert.equal(await fixture.headSeq(direct), 1);
  });

  test(`[SEND-4] ${name}: cancelling what is committed tells that it is`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const direct = await fixture.direct(ann, bob);
    const sent = await fixture.one(message(direct, ann, { clientId: 'a' }));
    const answer = await fixture.one(cancel(direct, ann, 'a'));
    assert.deepEqual([answer.state, answer.fresh, answer.seq], ['committed', false, sent.seq]);
  });

  test(`[SEND-4] ${name}: past members may cancel, strangers may not`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob, eve] = (await fixture.people(3)) as [Person, Person, Person];
    const group = await fixture.groupOf(ann, bob);
    await fixture.one(kick(group, ann, bob));
    assert.equal((await fixture.one(cancel(group, bob, 'a'))).state, 'cancelled');
    assert.equal(await fixture.refusal(cancel(group, eve, 'a')), 'not_member');
  });
}

function chainRules(name: string, open: OpenStore): void {
  test(`[ORDER-2] ${name}: a send follows the one it names, in a batch and across batches`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const direct = await fixture.direct(ann, bob);
    const link = (clientId: string, after: string | null) => message(direct, ann, { clientId, after });
    await fixture.all([link('1', null), link('2', '1'), link('3', '2')]);
    await fixture.all([link('4', '3'), cancel(direct, ann, '5'), link('6', '5')]);
    assert.equal(await fixture.refusal(link('8', '7')), 'after_failed');
    await fixture.all([link('7', '6'), link('8', '7')]);
    const { entries } = await fixture.store.readForward(direct.id, seqOf(1), PAGE);
    assert.deepEqual(
      entries.map(({ clientId }) => clientId),
      ['1', '2', '3', '4', '5', '6', '7', '8'],
    );
  });

  test(`[ORDER-2] ${name}: when one is refused, those chained to it are too`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const group = await fixture.groupOf(ann, bob);
    const link = (clientId: string, after: string | null) => message(group, bob, { clientId, after });
    const results = await fixture.commit(kick(group, ann, bob), link('1', null), link('2', '1'), link('3', '2'));
    assert.deepEqual(
      results.slice(1).map((result) => (result.state === 'refused' ? result.code : result.state)),
      ['not_member', 'after_failed', 'after_failed'],
    );
  });

  test(`[ORDER-2] ${name}: only the author's own ids of that conversation count`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob, cid] = (await fixture.people(3)) as [Person, Person, Person];
    const [one, other] = [await fixture.direct(ann, bob), await fixture.direct(ann, cid)];
    await fixture.all([message(one, bob, { clientId: 'b' }), message(other, ann, { clientId: 'o' })]);
    assert.equal(await fixture.refusal(message(one, ann, { after: 'b' })), 'after_failed');
    assert.equal(await fixture.refusal(message(one, ann, { after: 'o' })), 'after_failed');
    assert.equal(await fixture.refusal(request(one, ann, { after: 'none', text: 'x' })), 'after_failed');
  });
}
