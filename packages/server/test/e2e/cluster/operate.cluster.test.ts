import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
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

test('[AUTH-2] guesses that are spread over the nodes count together, and by themselves while Redis is away (C27)', async (t) => {
  const cluster = await testCluster(t, { flavour: 'mariadb' });
  if (cluster === undefined) return;
  const ports = [portOf(cluster, 0), portOf(cluster, 1)];
  const ann = await newUser(portOf(cluster, 0), 'ann');
  t.after(() => ann.close());
  const from = async (address: string, port: number): Promise<RawPeer> => {
    const peer = await RawPeer.connect(port + 1);
    t.after(() => peer.close());
    peer.write(`PROXY TCP4 ${address} 127.0.0.1 40000 ${port}\r\n`);
    return peer;
  };
  const guess = (peer: RawPeer) => peer.refusal('login', { user: 'ann', password: 'a guess' });
  const attackers = await Promise.all(ports.map((port) => from('203.0.113.7', port)));
  // Five each are ten together, which is the default; what crosses in flight may be let through.
  let wrong = 0;
  for (let turn = 0; turn < 12; turn += 1) {
    for (const attacker of attackers) if ((await guess(attacker)) === 'bad_credentials') wrong += 1;
  }
  assert.ok(wrong >= 10 && wrong <= 12, `${wrong} guesses were answered`);
  for (const port of ports) {
    const owner = await from('198.51.100.9', port);
    await owner.get('login', { user: 'ann', password: PASSWORD });
  }
  cluster.redis?.freeze();
  const others = await Promise.all(ports.map((port) => from('203.0.113.8', port)));
  for (const other of others) assert.equal(await guess(other), 'bad_credentials');
  cluster.redis?.thaw();
});

test('[OPS-4] a node is not ready while it cannot read what the others commit, and by itself again afterwards', async (t) => {
  const cluster = await testCluster(t, { flavour: 'mysql' });
  if (cluster === undefined) return;
  const readyz = async (): Promise<string> => {
    const answers = cluster.nodes.map(async ({ port }) => (await fetch(`http://127.0.0.1:${port + 80}/readyz`)).status);
    return (await Promise.all(answers)).join(' ');
  };
  const health = async () => (await fetch(`http://127.0.0.1:${portOf(cluster, 0) + 80}/healthz`)).status;
  assert.equal(await readyz(), '200 200');
  cluster.redis?.freeze();
  cluster.database?.freeze();
  await untilIs(readyz, '503 503');
  assert.equal(await health(), 200);
  cluster.database?.thaw();
  await untilIs(readyz, '200 200');
  cluster.redis?.thaw();
});

async function untilIs(look: () => Promise<string>, wanted: string): Promise<void> {
  const deadline = performance.now() + 20_000;
  for (let found = await look(); found !== wanted; found = await look()) {
    assert.ok(performance.now() < deadline, `${found}, not ${wanted}`);
    await sleep(50);
  }
}
