import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NativeTester } from '../../native-tester.ts';
import { type Frame, openTestNode, type TestNode } from '../../test-node.ts';
import { until } from '../../until.ts';

/** The newest row of a conversation that a session was sent. */
function row(tester: NativeTester, conversation: string): Frame | undefined {
  return tester.events
    .flatMap(({ ev, rows }) => (ev === 'state' ? (rows as Frame[]) : []))
    .findLast((found) => found['row'] === 'conversation' && found['conversation'] === conversation);
}

function unread(tester: NativeTester, conversation: string): number {
  const found = row(tester, conversation);
  return found === undefined ? Number.NaN : found['ord'] - found['readOrd'];
}

/** What a device that comes now is told. */
async function freshRow(node: TestNode, user: string, conversation: string): Promise<Frame> {
  const device = await node.login(user);
  await device.synced();
  device.link.close();
  return row(device, conversation) as Frame;
}

test('[POS-1] [STATE-1] a read position goes forward only, and reaches the account\u2019s other devices', async (t) => {
  const node = await openTestNode(t);
  const [ann, ben] = [await node.user('ann'), await node.user('ben')];
  const group = await node.group('ops', [ann, ben]);
  for (let n = 1; n <= 5; n += 1) await ann.ok('send', { to: group, text: 'x', clientId: `${n}` });
  const [phone, tablet] = [await node.login('ben'), await node.login('ben')];
  await phone.synced();
  await tablet.synced();
  assert.equal(unread(phone, group), 5);
  await phone.ok('read', { conversation: group, seq: 5 });
  await until(() => row(tablet, group)?.['readSeq'] === 5);
  assert.equal(unread(tablet, group), 2, 'entries 1 and 2 are no messages');
  await tablet.ok('read', { conversation: group, seq: 3 });
  assert.equal((await freshRow(node, 'ben', group))['readSeq'], 5, 'never back');
  await tablet.ok('read', { conversation: '#ops', seq: Number.MAX_SAFE_INTEGER });
  await until(() => unread(phone, group) === 0);
  assert.equal(row(phone, group)?.['readSeq'], 7, 'never beyond the head');
});

test('[POS-1] the delivered position follows the read one, and moves by itself', async (t) => {
  const node = await openTestNode(t);
  const [ann, ben] = [await node.user('ann'), await node.user('ben')];
  const { conversation } = await ann.ok('send', { to: '@ben', text: '1', clientId: '1' });
  await ann.ok('send', { to: '@ben', text: '2', clientId: '2' });
  await ben.ok('delivered', { conversation, seq: 2 });
  const after = await freshRow(node, 'ben', conversation);
  assert.deepEqual([after['deliveredSeq'], after['readSeq']], [2, 0]);
  await ann.ok('send', { to: '@ben', text: '3', clientId: '3' });
  await ben.ok('read', { conversation, seq: 3 });
  const later = await freshRow(node, 'ben', conversation);
  assert.deepEqual([later['deliveredSeq'], later['readSeq']], [3, 3]);
  assert.equal((await freshRow(node, 'ann', conversation))['deliveredSeq'] >= 0, true);
});

test('[POS-1] one\u2019s own message moves the position on only when all before it had been read', async (t) => {
  const node = await openTestNode(t);
  const [ann] = [await node.user('ann'), await node.user('ben')];
  const ben = await node.login('ben');
  const { conversation } = await ann.ok('send', { to: '@ben', text: '1', clientId: '1' });
  await ben.ok('send', { to: '@ann', text: '2', clientId: '2' });
  node.clock.advance(2_000);
  const notRead = await freshRow(node, 'ben', conversation);
  assert.equal(notRead['ord'] - notRead['readOrd'], 2, 'ann\u2019s message was not read');
  await ben.ok('read', { conversation, seq: 2 });
  await ben.ok('send', { to: '@ann', text: '3', clientId: '3' });
  await ben.ok('send', { to: '@ann', text: '4', clientId: '4' });
  const allRead = await freshRow(node, 'ben', conversation);
  assert.equal(allRead['ord'] - allRead['readOrd'], 0, 'known before it is stored by itself');
  assert.equal((await freshRow(node, 'ann', conversation))['readSeq'], 1);
});

test('[POS-1] one\u2019s own message is read, whatever that is no message stands before it', async (t) => {
  const node = await openTestNode(t);
  const [ann, ben] = [await node.user('ann'), await node.user('ben')];
  const group = await node.group('ops', [ann]);
  const unreadOf = async (user: string, conversation = group): Promise<number> => {
    const { ord, readOrd } = await freshRow(node, user, conversation);
    return ord - readOrd;
  };
  await ann.ok('send', { to: group, text: 'first in the group', clientId: '1' });
  assert.equal(await unreadOf('ann'), 0, 'right after the making of the group');
  await ben.ok('join', { group, clientId: '2' });
  await ben.ok('send', { to: group, text: 'right after the join', clientId: '3' });
  assert.equal(await unreadOf('ben'), 0);
  await ann.ok('read', { conversation: group, seq: 4 });
  await ben.ok('leave', { group, clientId: '4' });
  await ann.ok('send', { to: group, text: 'after somebody left', clientId: '5' });
  assert.equal(await unreadOf('ann'), 0);
  const { conversation } = await ann.ok('send', { to: '@ben', text: 'x', clientId: '6' });
  await ben.ok('cancel', { to: '@ann', clientId: 'never' });
  await ann.ok('send', { to: '@ben', text: 'after a cancel', clientId: '7' });
  assert.equal(await unreadOf('ann', conversation), 0);
});

test('[POS-1] a stranger\u2019s positions change nothing', async (t) => {
  const node = await openTestNode(t);
  const [ann, ben, eve] = [await node.user('ann'), await node.user('ben'), await node.user('eve')];
  const group = await node.group('ops', [ann, ben]);
  const { conversation } = await ann.ok('send', { to: '@ben', text: '1', clientId: '1' });
  assert.equal(await eve.code('read', { conversation, seq: 1 }), 'no_such_conversation');
  const before = await freshRow(node, 'ben', group);
  await eve.ask('read', { conversation: group, seq: 2 });
  assert.deepEqual(await freshRow(node, 'ben', group), before);
  assert.equal(row(eve, group), undefined);
  assert.deepEqual(node.mistakes, []);
});
