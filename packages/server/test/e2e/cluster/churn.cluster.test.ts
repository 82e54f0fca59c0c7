import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../../../../rig/src/index.ts';
import { checkLog } from '../checkers.ts';
import { Device } from '../device.ts';
import { newUser, type RawPeer } from '../embedded-node.ts';
import { readLogs } from '../logs.ts';
import { makeTeam, register } from '../people.ts';
import { comeOnline, settle, testCluster } from './test-cluster.ts';

const SENDERS = 8;
const MOVERS = 16;
const ROUNDS = 12;
const RELOADS = 5;

type User = Awaited<ReturnType<typeof newUser>>;

/** As many accounts, on all nodes in turn. */
async function users({ nodes }: Cluster, count: number, prefix: string): Promise<User[]> {
  const made: User[] = [];
  for (let number = 0; number < count; number += 1) {
    made.push(await newUser(nodes[number % nodes.length]?.port ?? 0, `${prefix}-${number}`));
  }
  return made;
}

async function speak(peer: RawPeer, name: string): Promise<void> {
  for (let round = 1; round <= ROUNDS * 4; round += 1) {
    await peer.get('send', { to: '#busy', text: `${name} ${round}`, clientId: `${name}-${round}` });
  }
}

async function comeAndGo(peer: RawPeer, name: string): Promise<void> {
  for (let round = 1; round <= ROUNDS; round += 1) {
    await peer.get('join', { group: '#busy', clientId: `${name}-in-${round}` });
    await peer.get('leave', { group: '#busy', clientId: `${name}-out-${round}` });
  }
}

async function promote(peer: RawPeer): Promise<void> {
  for (let round = 1; round <= ROUNDS * 2; round += 1) {
    const role = round % 2 === 0 ? 'member' : 'admin';
    await peer.get('role', { group: '#busy', user: '@sender-0', role, clientId: `role-${round}` });
    await peer.get(round % 2 === 0 ? 'unblock' : 'block', { user: '@sender-1' });
  }
}

for (const flavour of ['mariadb', 'mysql'] as const) {
  test(`[ORDER-1] [IDENT-2] ${flavour}: joining, leaving, roles and blocks on two nodes refuse nobody who sends (C39)`, async (t) => {
    const cluster = await testCluster(t, { flavour });
    if (cluster === undefined) return;
    const [owner, ...senders] = (await users(cluster, SENDERS + 1, 'sender')).reverse() as [User, ...User[]];
    const movers = await users(cluster, MOVERS, 'mover');
    const everybody = [owner, ...senders, ...movers];
    t.after(() => everybody.map((peer) => peer.close()));
    await owner.get('createGroup', { name: 'busy', clientId: 'make' });
    for (const [index, peer] of senders.entries())
      await peer.get('join', { group: '#busy', clientId: `join-${index}` });
    await Promise.all([
      promote(owner),
      ...senders.map((peer, index) => speak(peer, `s${index}`)),
      ...movers.map((peer, index) => comeAndGo(peer, `m${index}`)),
    ]);
    const reader = new Device('reader', owner.token);
    for (const { port } of cluster.nodes) {
      const logs = await readLogs(port, reader, ['g1']);
      assert.deepEqual([...logs.values()].flatMap(checkLog), []);
      const wanted = 1 + SENDERS + ROUNDS * (4 * SENDERS + 2 * MOVERS + 2);
      assert.equal(logs.get('g1')?.length, wanted);
    }
  });
}

test('[DELIV-1] nginx that reads its files again under load loses and doubles nothing (C43)', async (t) => {
  const cluster = await testCluster(t, { flavour: 'mariadb' });
  if (cluster === undefined) return;
  const { port, nginx } = cluster;
  const people = await register(port, 'ann', 'ben');
  const [ann, ben] = people;
  await makeTeam(port, ann, [ben]);
  for (const device of people) await comeOnline(device, port);
  for (let round = 1; round <= RELOADS; round += 1) {
    nginx.signal('SIGHUP');
    for (let count = 0; count < 20; count += 1) {
      for (const device of people) device.send('#team', `${round}.${count}`);
      await sleep(5);
    }
    for (const device of people) await settle(device, port);
  }
  const logs = await readLogs(port, ann, ['g1']);
  assert.deepEqual([...logs.values()].flatMap(checkLog), []);
  assert.equal(logs.get('g1')?.length, 2 + 2 * 20 * RELOADS);
  for (const device of people) device.offline();
});
