import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { LIMITS } from '@parley/protocol';
import {
  isGroup,
  join,
  kick,
  leave,
  message,
  type OpenStore,
  PAGE,
  type Person,
  placed,
  StoreFixture,
  seqOf,
  setRole,
  uniqueName,
} from './fixture.ts';

/** Groups: who may put whom out, who inherits, how many fit in. [GROUP-1] [GROUP-2] [LIMIT-1] */
export function groupRules(name: string, open: OpenStore): void {
  test(`${name}: a group begins with an entry and its owner`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const ann = await fixture.person();
    const made = newGroup(ann);
    const creation = await fixture.store.createGroup(made);
    assert.ok(isGroup(creation));
    const { conversation, cursor } = creation;
    assert.deepEqual([creation.state, creation.name, cursor.seq], ['created', made.name, 1]);
    assert.equal(conversation.address, `g${conversation.group}`);
    const record = { conversation, name: made.name, description: made.description };
    assert.deepEqual(await fixture.store.findGroup(conversation.group), record);
    assert.deepEqual(await fixture.store.findGroupByKey(made.key), record);
    assert.equal(await fixture.store.findGroupByKey(uniqueName('none')), undefined);
    assert.deepEqual(await fixture.store.members(conversation.id, 0, 10), [
      { user: ann.id, name: ann.name, role: 'owner' },
    ]);
    const { head, entries } = await fixture.store.readForward(conversation.id, seqOf(1), PAGE);
    assert.deepEqual(head, { seq: 1, ord: 0, tag: cursor.tag });
    const { kind, author, clientId, role, ord } = entries[0] ?? {};
    assert.deepEqual([kind, author, clientId, role, ord], ['create', ann.id, made.clientId, 'owner', 0]);
  });

  test(`[SEND-2] [SEND-3] ${name}: making a group again returns the first, with other content it is a conflict`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = [await fixture.person(), await fixture.person()];
    const made = newGroup(ann);
    const first = await fixture.store.createGroup(made);
    assert.deepEqual(await fixture.store.createGroup(made), { ...first, state: 'repeated' });
    const other = { ...made, name: uniqueName('other'), key: uniqueName('other'), hash: 2 };
    assert.deepEqual(await fixture.store.createGroup(other), { state: 'id_conflict' });
    assert.deepEqual(await fixture.store.createGroup({ ...made, clientId: randomUUID() }), { state: 'name_taken' });
    const byBob = await fixture.store.createGroup({ ...newGroup(bob), clientId: made.clientId });
    assert.equal(byBob.state, 'created');
  });

  test(`[DATA-1] ${name}: group ids rise, also after a name that was taken`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const ann = await fixture.person();
    const made = newGroup(ann);
    const first = await fixture.store.createGroup(made);
    await fixture.store.createGroup({ ...made, clientId: randomUUID() });
    const second = await fixture.store.createGroup(newGroup(ann));
    assert.ok(isGroup(first) && isGroup(second) && second.conversation.group > first.conversation.group);
  });

  test(`[GROUP-1] ${name}: who may put whom out`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const people = await fixture.people(5);
    const [owner, admin, other, member, stranger] = people as [Person, Person, Person, Person, Person];
    const group = await fixture.groupOf(owner, admin, other, member);
    await fixture.all([setRole(group, owner, { target: admin, role: 'admin' })]);
    await fixture.all([setRole(group, owner, { target: other, role: 'admin' })]);
    assert.equal(await fixture.refusal(kick(group, member, admin)), 'forbidden');
    assert.equal(await fixture.refusal(kick(group, member, stranger)), 'forbidden');
    assert.equal(await fixture.refusal(kick(group, admin, other)), 'forbidden');
    assert.equal(await fixture.refusal(kick(group, admin, owner)), 'forbidden');
    assert.equal(await fixture.refusal(kick(group, admin, admin)), 'not_yourself');
    assert.equal(await fixture.refusal(kick(group, admin, stranger)), 'target_not_member');
    assert.equal(await fixture.refusal(kick(group, stranger, member)), 'not_member');
    await fixture.all([kick(group, admin, member), kick(group, owner, other)]);
    assert.deepEqual(await fixture.roles(group), { [owner.id]: 'owner', [admin.id]: 'admin' });
  });

  test(`[GROUP-1] ${name}: only the owner changes roles, and gives his own away only by leaving`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [owner, admin, member] = (await fixture.people(3)) as [Person, Person, Person];
    const group = await fixture.groupOf(owner, admin, member);
    await fixture.all([setRole(group, owner, { target: admin, role: 'admin' })]);
    assert.equal(await fixture.refusal(setRole(group, admin, { target: member, role: 'admin' })), 'forbidden');
    assert.equal(await fixture.refusal(setRole(group, owner, { target: member, role: 'owner' })), 'forbidden');
    await fixture.all([setRole(group, owner, { target: admin, role: 'member' })]);
    assert.deepEqual(await fixture.roles(group), {
      [owner.id]: 'owner',
      [admin.id]: 'member',
      [member.id]: 'member',
    });
  });

  test(`[GROUP-2] ${name}: the owner's leaving makes the longest-serving admin, else member, owner`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [owner, early, first, second] = (await fixture.people(4)) as [Person, Person, Person, Person];
    const group = await fixture.groupOf(owner, early, second, first);
    // `first` becomes admin first, but `second` has been there longer.
    await fixture.all([first, second].map((target) => setRole(group, owner, { target, role: 'admin' })));
    const heirs: (string | undefined)[] = [];
    for (const leaving of [owner, second, first]) {
      const { seq } = await fixture.one(leave(group, leaving));
      const { entries } = await fixture.store.readForward(group.id, seq, PAGE);
      heirs.push(entries[0]?.targetName ?? undefined);
      assert.equal(entries[0]?.role, 'owner');
      assert.equal(Object.values(await fixture.roles(group)).filter((role) => role === 'owner').length, 1);
    }
    assert.deepEqual(heirs, [second.name, first.name, early.name]);
  });

  test(`[GROUP-2] ${name}: who was away has served since the return only`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [owner, returned, steady] = (await fixture.people(3)) as [Person, Person, Person];
    const group = await fixture.groupOf(owner, returned, steady);
    await fixture.all([leave(group, returned), join(group, returned), leave(group, owner)]);
    assert.deepEqual(await fixture.roles(group), { [returned.id]: 'member', [steady.id]: 'owner' });
  });

  test(`[GROUP-2] ${name}: who comes into an empty group owns it`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const { group } = await fixture.group(ann);
    await fixture.all([leave(group, ann), join(group, bob), join(group, ann)]);
    assert.deepEqual(await fixture.roles(group), { [ann.id]: 'member', [bob.id]: 'owner' });
  });

  test(`[IDENT-2] ${name}: after a kick or leave nothing is taken, not even in the same batch`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob, eve] = (await fixture.people(3)) as [Person, Person, Person];
    const group = await fixture.groupOf(ann, bob, eve);
    const batch = [
      kick(group, ann, bob),
      message(group, bob),
      leave(group, eve),
      message(group, eve),
      leave(group, eve),
    ];
    const results = await fixture.commit(...batch);
    const codes = results.map((result) => (result.state === 'refused' ? result.code : result.state));
    assert.deepEqual(codes, ['committed', 'not_member', 'committed', 'not_member', 'not_member']);
    assert.equal(await fixture.refusal(message(group, bob)), 'not_member');
  });

  test(`${name}: who is a member does not join again`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const [ann, bob] = (await fixture.people(2)) as [Person, Person];
    const group = await fixture.groupOf(ann, bob);
    assert.equal(await fixture.refusal(join(group, bob)), 'already_member');
  });

  test(`[LIMIT-1] ${name}: a group takes so many members and no more`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const { group } = await fixture.group(await fixture.person());
    const people: Person[] = [];
    while (people.length < LIMITS.groupMembers - 1)
      people.push(...(await fixture.people(Math.min(500, LIMITS.groupMembers - 1 - people.length))));
    for (let at = 0; at < people.length; at += 500) {
      await fixture.all(people.slice(at, at + 500).map((person) => join(group, person)));
    }
    const [late, first] = [await fixture.person(), people[0] as Person];
    assert.equal(await fixture.refusal(join(group, late)), 'group_full');
    const results = await fixture.commit(leave(group, first), join(group, late), join(group, first));
    assert.deepEqual([placed(results[1]).fresh, results[2]?.state], [true, 'refused']);
    assert.equal(await fixture.headSeq(group), LIMITS.groupMembers + 2);
  });

  test(`${name}: members are listed in pages by user id`, async (t) => {
    const fixture = await StoreFixture.open(t, open);
    const people = await fixture.people(7);
    const group = await fixture.groupOf(...(people as [Person, ...Person[]]));
    await fixture.all([leave(group, people[3] as Person)]);
    const seen: number[] = [];
    for (;;) {
      const page = await fixture.store.members(group.id, seen.at(-1) ?? 0, 2);
      seen.push(...page.map(({ user }) => user));
      if (page.length < 2) break;
    }
    const present = people.filter((_, index) => index !== 3).map(({ id }) => id);
    assert.deepEqual(
      seen,
      present.toSorted((one, other) => one - other),
    );
  });
}

function newGroup({ id }: Person) {
  const name = uniqueName('Group');
  return {
    creator: id,
    name,
    key: name.toLowerCase(),
    description: 'what it is about',
    clientId: randomUUID(),
    hash: 1,
  };
}
