import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NativeTester } from '../../native-tester.ts';
import { type Frame, openTestNode } from '../../test-node.ts';

async function contact(asker: NativeTester, name: string): Promise<Frame | undefined> {
  const { contacts } = await asker.ok('friends');
  return contacts.find(({ user }: Frame) => user.name === name);
}

function presences(tester: NativeTester): boolean[] {
  return tester.events.filter(({ ev }) => ev === 'presence').map(({ online }) => online);
}

test('[STATE-1] a friendship is two edges, and both sides\u2019 devices are told', async (t) => {
  const node = await openTestNode(t);
  const [ann, ben] = [await node.user('ann'), await node.user('ben')];
  await ben.synced();
  await ann.ok('addFriend', { user: 'ben' });
  const told = await ben.event(({ ev, rows }) => ev === 'state' && rows.some(({ row }: Frame) => row === 'contact'));
  assert.deepEqual(told['rows'][0], {
    row: 'contact',
    user: { id: ann.id, name: 'ann' },
    added: false,
    addedMe: true,
    blocked: false,
  });
  assert.equal((await contact(ann, 'ben'))?.['addedMe'], false);
  await ben.ok('addFriend', { user: `u${ann.id}` });
  assert.deepEqual([(await contact(ann, 'ben'))?.['added'], (await contact(ann, 'ben'))?.['addedMe']], [true, true]);
  await ann.ok('removeFriend', { user: ben.id });
  await ben.ok('removeFriend', { user: ann.id });
  await ben.event(({ rows }) => rows?.some(({ removed }: Frame) => removed === true));
  assert.equal(await contact(ann, 'ben'), undefined);
  for (const op of ['addFriend', 'removeFriend', 'block', 'unblock']) {
    assert.equal(await ann.code(op, { user: 'ann' }), 'not_yourself');
    assert.equal(await ann.code(op, { user: 'nobody' }), 'no_such_user');
    assert.equal(await ann.code(op, { user: '#x' }), 'bad_address');
  }
});

test('[PRES-1] a watcher is told of coming and going, and a reconnect is neither', async (t) => {
  const node = await openTestNode(t);
  const [ann, ben] = [await node.user('ann'), await node.user('ben')];
  await ann.ok('addFriend', { user: 'ben' });
  await ann.ok('friends', { watch: true });
  ben.link.close();
  node.clock.advance(3_000);
  assert.deepEqual(presences(ann), []);
  const again = await node.login('ben');
  const second = await node.login('ben');
  node.clock.advance(10_000);
  assert.deepEqual(presences(ann), []);
  again.link.close();
  node.clock.advance(10_000);
  assert.deepEqual(presences(ann), [], 'another session is left');
  second.link.close();
  const leftAt = node.clock.now();
  node.clock.advance(10_000);
  const [gone] = ann.events.filter(({ ev }) => ev === 'presence');
  assert.deepEqual(gone, { ev: 'presence', user: { id: ben.id, name: 'ben' }, online: false, lastSeenAt: leftAt });
  await node.user('somebody'); // the store has written all that came before
  const listed = await contact(ann, 'ben');
  assert.deepEqual([listed?.['online'], listed?.['lastSeenAt']], [false, leftAt]);
  await node.login('ben');
  assert.deepEqual(presences(ann), [false, true]);
});

test('[PRES-1] [LIMIT-1] presence is left out while a watcher does not read', async (t) => {
  const node = await openTestNode(t);
  const [ann, ben] = [await node.user('ann'), await node.user('ben')];
  await ann.ok('addFriend', { user: 'ben' });
  await ann.ok('friends', { watch: true });
  ann.link.isFull = true;
  ann.put('ping');
  ben.link.close();
  node.clock.advance(10_000);
  const again = await node.login('ben');
  assert.deepEqual(presences(ann), []);
  ann.link.drain();
  again.link.close();
  node.clock.advance(10_000);
  assert.deepEqual(presences(ann), [false]);
});

test('[PRES-1] only who has added a person, and is not blocked, sees whether the person is there', async (t) => {
  const node = await openTestNode(t);
  const [ann, ben, eve] = [await node.user('ann'), await node.user('ben'), await node.user('eve')];
  await ben.ok('addFriend', { user: 'ann' });
  await eve.ok('addFriend', { user: 'ann' });
  await ann.ok('friends', { watch: true });
  await ben.ok('friends', { watch: true });
  await eve.ok('friends', { watch: true });
  assert.equal((await contact(ann, 'ben'))?.['online'], false, 'ann has not added ben');
  assert.equal((await contact(eve, 'ann'))?.['online'], true);
  await ann.ok('block', { user: 'eve' });
  await eve.event(({ ev, online }) => ev === 'presence' && online === false);
  const seen = await contact(eve, 'ann');
  assert.deepEqual([seen?.['online'], seen?.['lastSeenAt']], [false, null], 'in the list');
  await eve.ok('friends', { watch: true });
  ann.link.close();
  node.clock.advance(10_000);
  await node.login('ann');
  assert.deepEqual(presences(eve), [false], 'nor is eve told any more');
  assert.deepEqual(presences(ben), [false, true]);
  const back = await node.login('ann');
  await back.ok('unblock', { user: 'eve' });
  await eve.ok('friends', { watch: true });
  assert.equal((await contact(eve, 'ann'))?.['online'], true);
});

test('[PRES-1] who takes a friend off the list is told nothing more of them', async (t) => {
  const node = await openTestNode(t);
  const [ann, ben] = [await node.user('ann'), await node.user('ben')];
  await ann.ok('addFriend', { user: 'ben' });
  await ann.ok('friends', { watch: true });
  await ann.ok('removeFriend', { user: 'ben' });
  ben.link.close();
  node.clock.advance(10_000);
  assert.deepEqual(presences(ann), [false]);
  await ann.ok('addFriend', { user: 'ben' });
  await ann.ok('friends', { watch: true });
  await node.login('ben');
  assert.deepEqual(presences(ann), [false, true]);
});

test('[IDENT-2] who is blocked can neither write nor ask for friendship, and may still be written to', async (t) => {
  const node = await openTestNode(t);
  const [ann, ben] = [await node.user('ann'), await node.user('ben')];
  await ann.ok('block', { user: 'ben' });
  assert.equal(await ben.code('send', { to: '@ann', text: 'x', clientId: '1' }), 'blocked');
  assert.equal(await ben.code('addFriend', { user: 'ann' }), 'blocked');
  assert.equal(await contact(ben, 'ann'), undefined, 'that one is blocked is no contact');
  assert.equal((await contact(ann, 'ben'))?.['blocked'], true);
  await ann.ok('unblock', { user: 'ben' });
  await ben.ok('send', { to: '@ann', text: 'x', clientId: '1' });
});
