import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Frame, openTestNode, type User } from '../../test-node.ts';
import { until } from '../../until.ts';

let ids = 0;
function clientId(): string {
  ids += 1;
  return `c${ids}`;
}

async function roles(asker: User, group: string): Promise<Record<string, string>> {
  const { members } = await asker.ok('members', { group });
  return Object.fromEntries(members.map(({ user, role }: Frame) => [user.name, role]));
}

test('[GROUP-2] whoever makes a group owns it, and a repeat makes no second one', async (t) => {
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  const made = await ann.ok('createGroup', { name: 'Ops', description: 'all of us', clientId: 'make' });
  assert.match(made['conversation'], /^g\d+$/);
  assert.equal(made['seq'], 1);
  const again = await ann.ok('createGroup', { name: 'Ops', description: 'all of us', clientId: 'make' });
  assert.deepEqual(again, { ...made, duplicate: true });
  assert.equal(await ann.code('createGroup', { name: 'Other', clientId: 'make' }), 'id_conflict');
  assert.equal(await ann.code('createGroup', { name: 'OPS', clientId: 'make2' }), 'name_taken');
  assert.equal(
    await ann.code('createGroup', { name: 'b', description: 'x'.repeat(201), clientId: 'b' }),
    'bad_request',
  );
  assert.equal(await ann.code('createGroup', { name: '#b', clientId: 'b' }), 'bad_name');
  assert.equal(await ann.code('createGroup', { name: 'b', clientId: 'with\u00e4' }), 'bad_client_id');
  assert.deepEqual(await roles(ann, '#ops'), { ann: 'owner' });
});

test('[GROUP-1] only owners and admins put members out, only those below them; only the owner changes roles', async (t) => {
  const node = await openTestNode(t);
  const [owner, admin, other, member] = [
    await node.user('owner'),
    await node.user('adm'),
    await node.user('adm2'),
    await node.user('member'),
  ];
  const group = await node.group('ops', [owner, admin, other, member]);
  for (const { id } of [admin, other]) await owner.ok('role', { group, user: id, role: 'admin', clientId: clientId() });
  assert.deepEqual(await roles(owner, group), { owner: 'owner', adm: 'admin', adm2: 'admin', member: 'member' });
  const kick = (who: User, user: User): Promise<string> =>
    who.code('kick', { group, user: user.id, clientId: clientId() });
  assert.equal(await kick(admin, other), 'forbidden', 'of the same rank');
  assert.equal(await kick(admin, owner), 'forbidden');
  assert.equal(await kick(member, admin), 'forbidden');
  assert.equal(await kick(owner, owner), 'not_yourself');
  assert.equal(await admin.code('role', { group, user: member.id, role: 'admin', clientId: clientId() }), 'forbidden');
  assert.equal(
    await owner.code('role', { group, user: member.id, role: 'owner', clientId: clientId() }),
    'bad_request',
  );
  await admin.ok('kick', { group, user: member.id, clientId: clientId() });
  assert.equal(await kick(admin, member), 'target_not_member');
  await owner.ok('kick', { group, user: '@adm2', clientId: clientId() });
  assert.deepEqual(await roles(owner, group), { owner: 'owner', adm: 'admin' });
});

test('[GROUP-2] the longest-serving admin, else member, comes after an owner who leaves, in the same entry', async (t) => {
  const node = await openTestNode(t);
  const [owner, first, second, third] = [
    await node.user('owner'),
    await node.user('first'),
    await node.user('second'),
    await node.user('third'),
  ];
  const group = await node.group('ops', [owner, first, second, third]);
  await owner.ok('role', { group, user: third.id, role: 'admin', clientId: clientId() });
  await second.synced();
  await owner.ok('leave', { group, clientId: clientId() });
  assert.deepEqual(await roles(second, group), { first: 'member', second: 'member', third: 'owner' });
  const leave = await second.event(({ kind }) => kind === 'leave');
  assert.deepEqual([leave['target'], leave['role']], [{ id: third.id, name: 'third' }, 'owner']);
  await third.ok('leave', { group, clientId: clientId() });
  assert.deepEqual(await roles(second, group), { first: 'owner', second: 'member' });
  await second.ok('leave', { group, clientId: clientId() });
  await first.ok('leave', { group, clientId: clientId() });
  await owner.ok('join', { group, clientId: clientId() });
  assert.deepEqual(await roles(owner, group), { owner: 'owner' }, 'who comes into an empty group owns it');
});

test('[IDENT-2] after a kick, a leave or a block is acknowledged no later send is accepted', async (t) => {
  const node = await openTestNode(t);
  const [ann, ben, eve] = [await node.user('ann'), await node.user('ben'), await node.user('eve')];
  const group = await node.group('ops', [ann, ben, eve]);
  await ben.ok('send', { to: group, text: 'before', clientId: clientId() });
  await ben.ok('send', { to: '@ann', text: 'before', clientId: clientId() });
  for (const act of [
    () => ann.ok('kick', { group, user: ben.id, clientId: clientId() }),
    () => ann.ok('block', { user: ben.id }),
  ]) {
    const busy = Array.from({ length: 200 }, () => ben.put('send', { to: group, text: 'x', clientId: clientId() }));
    await act();
    assert.equal(await ben.code('send', { to: group, text: 'after', clientId: clientId() }), 'not_member');
    await Promise.all(busy.map((id) => ben.answer(id)));
  }
  assert.equal(await ben.code('send', { to: '@ann', text: 'after', clientId: clientId() }), 'blocked');
  await ann.ok('send', { to: '@ben', text: 'the blocker may', clientId: clientId() });
  await eve.ok('leave', { group, clientId: clientId() });
  assert.equal(await eve.code('send', { to: group, text: 'after', clientId: clientId() }), 'not_member');
  assert.equal(await eve.code('leave', { group, clientId: clientId() }), 'not_member');
  await ann.ok('unblock', { user: ben.id });
  await ben.ok('send', { to: '@ann', text: 'again', clientId: clientId() });
  await ben.ok('join', { group, clientId: clientId() });
  assert.equal(await ben.code('join', { group, clientId: clientId() }), 'already_member');
});

test('[VIS-1] the kicked see the kick, the new see their join, and nobody what was said while he was away', async (t) => {
  const node = await openTestNode(t);
  const [ann, ben] = [await node.user('ann'), await node.user('ben')];
  const group = await node.group('ops', [ann]);
  const say = (text: string): Promise<Frame> => ann.ok('send', { to: group, text, clientId: clientId() });
  await say('1');
  await ben.synced();
  await ben.ok('join', { group, clientId: clientId() });
  await say('2');
  await ann.ok('kick', { group, user: ben.id, clientId: clientId() });
  await say('3');
  await ben.event(({ kind }) => kind === 'kick');
  await ben.ok('join', { group, clientId: clientId() });
  await say('4');
  await ben.event(({ text }) => text === '4');
  const seen = ben.events.filter(({ conversation, ev }) => conversation === group && ev !== 'state');
  assert.deepEqual(
    seen.map(({ ev, kind, text, reason }) => (ev === 'gap' ? reason : (text ?? kind))),
    ['join', '2', 'kick', 'not_member', 'join', '4'],
  );
});

test('groups that are not there, and words that are none, are refused', async (t) => {
  const node = await openTestNode(t);
  const ann = await node.user('ann');
  for (const group of [
    '',
    '#',
    'g0',
    'g99',
    '#nosuch',
    'nosuch',
    '@ann',
    'u1',
    'd1-2',
    'g1e3',
    'g-1',
    'x'.repeat(10_000),
  ]) {
    for (const [op, fields] of [
      ['join', {}],
      ['leave', {}],
      ['members', {}],
      ['kick', { user: ann.id }],
    ] as const) {
      assert.equal(await ann.code(op, { group, clientId: clientId(), ...fields }), 'no_such_group', `${op} ${group}`);
    }
  }
  const group = await node.group('ops', [ann]);
  assert.equal(await ann.code('kick', { group, user: 999, clientId: clientId() }), 'no_such_user');
  assert.equal(await ann.code('kick', { group, user: '', clientId: clientId() }), 'bad_address');
});

test('[PRES-1] of two members of whom one has blocked the other, neither sees in the group whether the other is there', async (t) => {
  const node = await openTestNode(t);
  const [ann, bob, eve] = [await node.user('ann'), await node.user('bob'), await node.user('eve')];
  const group = await node.group('lunch', [ann, bob, eve]);
  const seen = async (asker: User, after = 0): Promise<Record<string, boolean>> => {
    const { members } = await asker.ok('members', { group, after });
    return Object.fromEntries(members.map(({ user, online }: Frame) => [user.name, online]));
  };
  await ann.ok('block', { user: 'eve' });
  assert.deepEqual(await seen(eve), { ann: false, bob: true, eve: true });
  assert.deepEqual(await seen(ann), { ann: true, bob: true, eve: false });
  assert.deepEqual(await seen(ann, bob.id), { eve: false });
  assert.deepEqual(await seen(bob), { ann: true, bob: true, eve: true });
  await ann.ok('unblock', { user: 'eve' });
  assert.deepEqual(await seen(eve), { ann: true, bob: true, eve: true });
});

test('members come in pages by user id, with presence', async (t) => {
  const node = await openTestNode(t);
  const [ann, ben] = [await node.user('ann'), await node.user('ben')];
  const group = await node.group('ops', [ann, ben]);
  ben.link.close();
  node.clock.advance(10_000);
  await until(() => !node.chat.presence.isOnline(ben.id as never));
  const { members, more } = await ann.ok('members', { group });
  assert.equal(more, false);
  assert.deepEqual(members, [
    { user: { id: ann.id, name: 'ann' }, role: 'owner', online: true },
    { user: { id: ben.id, name: 'ben' }, role: 'member', online: false },
  ]);
  assert.deepEqual((await ann.ok('members', { group, after: ann.id }))['members'].length, 1);
});
