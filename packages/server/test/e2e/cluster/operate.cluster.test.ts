import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster } from '../../../../rig/src/index.ts';
import type { Device } from '../device.ts';
import { newUser, RawPeer } from '../embedded-node.ts';
import { assertDelivered, assertKept, readLogs } from '../logs.ts';
import { makeTeam, register } from '../people.ts';
import { comeOnline, settle, testCluster } from './test-cluster.ts';

const PASSWORD = 'correct horse';

function portOf({ nodes }: Cluster, index: number): number {
  const node = nodes[index];
  assert.ok(node !== undefined);
  return node.port;
}

test('[OPS-1] [SEND-1] a rolling restart of three nodes under load loses and doubles nothing, and each ends with 0', async (t) => {
  const cluster = await testCluster(t, { flavour: 'mysql', nodeCount: 3 });
  if (cluster === undefined) return;
  const { port, nodes } = cluster;
  const people = await register(port, 'ann', 'ben', 'cat');
  const [ann, ben, cat] = people;
  await makeTeam(port, ann, [ben, cat]);
  const over = new AbortController();
  const talking = [ann, ben].map(async (author) => {
    while (!over.signal.aborted) {
      if (author.isClosed) await comeOnline(author, port);
      for (let count = 0; count < 20; count += 1) author.send('#team', `${author.sent.length}`);
      await settle(author, port);
    }
  });
  for (const node of nodes) {
    const wanted = ann.acked + 60;
    await untilAcked(ann, wanted);
    await node.stop();
    assert.equal(node.exitCode, 0);
    await node.restart();
  }
  over.abort();
  await Promise.all(talking);
  for (const device of people) if (device.isClosed) await comeOnline(device, port);
  for (const node of nodes) {
    const logs = await readLogs(node.port, ann, ['g1']);
    assertKept(logs, people);
    assert.equal(logs.get('g1')?.length, ann.sent.length + ben.sent.length + 3);
    for (const device of people) await assertDelivered(logs, device);
  }
  const told = [...ann.farewells, ...ben.farewells];
  assert.ok(told.includes('goaway shutdown'), 'somebody was told to leave');
  for (const device of people) device.offline();
});

/** Its author is busy elsewhere; it is enough to look now and then. */
async function untilAcked(device: Device, wanted: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const looking = setInterval(() => {
    if (device.acked >= wanted) resolve();
  }, 20);
  await promise;
  clearInterval(looking);
}

test('[PRES-1] who was on a node that is killed is offline for others, and can log in elsewhere at once', async (t) => {
  const cluster = await testCluster(t, { flavour: 'mariadb' });
  if (cluster === undefined) return;
  const ann = await newUser(portOf(cluster, 0), 'ann');
  const ben = await newUser(portOf(cluster, 1), 'ben');
  t.after(() => [ann, ben].map((peer) => peer.close()));
  await ann.get('addFriend', { user: '@ben' });
  await ben.get('addFriend', { user: '@ann' });
  await untilSeen(ben);
  await cluster.nodes[0]?.kill();
  await ben.until(({ ev, online }) => ev === 'presence' && online === false, 'ann to be gone');
  const again = await RawPeer.connect(portOf(cluster, 1));
  t.after(() => again.close());
  const seen = ben.frames.length;
  await again.get('login', { user: 'ann', password: PASSWORD });
  await ben.until((frame) => ben.frames.indexOf(frame) >= seen && frame['online'] === true, 'ann to be back');
});

/** Watches the only friend until he is online; the other node may not have said so yet. */
async function untilSeen(peer: RawPeer): Promise<void> {
  const { contacts } = await peer.get('friends', { watch: true });
  const [friend] = contacts as { online: boolean }[];
  if (friend?.online !== true) await peer.until(({ ev, online }) => ev === 'presence' && online === true, 'the friend');
}

test('[IDENT-2] [IDENT-3] a kick and a revocation on one node hold on the other, also while Redis stands still', async (t) => {
  const cluster = await testCluster(t, { flavour: 'mariadb' });
  if (cluster === undefined) return;
  const owner = await newUser(portOf(cluster, 0), 'owner');
  const member = await newUser(portOf(cluster, 1), 'member');
  t.after(() => [owner, member].map((peer) => peer.close()));
  await owner.get('createGroup', { name: 'team', clientId: 'make' });
  await member.get('join', { group: '#team', clientId: 'join' });
  await member.get('send', { to: '#team', text: 'I am in', clientId: 'in' });
  cluster.redis?.freeze();
  await owner.get('kick', { group: '#team', user: '@member', clientId: 'kick' });
  assert.equal(await member.refusal('send', { to: '#team', text: 'still here?', clientId: 'out' }), 'not_member');
  await owner.get('send', { to: '#team', text: 'among ourselves', clientId: 'us' });
  await member.until(({ ev, kind }) => ev === 'entry' && kind === 'kick', 'the kick');
  const other = await RawPeer.connect(portOf(cluster, 0));
  t.after(() => other.close());
  await other.get('login', { user: 'member', password: PASSWORD });
  await other.get('password', { current: PASSWORD, next: 'another horse' });
  await member.untilClosed();
  assert.equal(member.frames.at(-1)?.['reason'], 'revoked');
  assert.deepEqual(
    member.entries().map(({ text }) => text),
    ['I am in'],
    'nothing that was said after the kick',
  );
  cluster.redis?.thaw();
});
