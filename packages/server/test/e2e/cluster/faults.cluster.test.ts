import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../../../../rig/src/index.ts';
import type { Device } from '../device.ts';
import { assertDelivered, assertKept, readLogs } from '../logs.ts';
import { makeTeam, register } from '../people.ts';
import { watchLocks } from './lock-holders.ts';
import { comeOnline, settle, testCluster } from './test-cluster.ts';

/** How long a server stands still, in milliseconds. */
const FREEZE_MS = 20_000;
/** Tries to catch a node inside a transaction. */
const TRIES = 400;
const BURST = 40;

interface World {
  readonly cluster: Cluster;
  readonly people: readonly [ann: Device, ben: Device];
}

/** Ann on the first node, Ben on the second, both in #team. */
async function openWorld(t: TestContext): Promise<World | undefined> {
  const cluster = await testCluster(t, { flavour: 'mariadb' });
  if (cluster === undefined) return undefined;
  const people = await register(portOf(cluster, 0), 'ann', 'ben');
  const [ann, ben] = people;
  await makeTeam(portOf(cluster, 0), ann, [ben]);
  for (const [index, device] of people.entries()) await comeOnline(device, portOf(cluster, index));
  return { cluster, people };
}

function portOf({ nodes }: Cluster, index: number): number {
  const node = nodes[index];
  assert.ok(node !== undefined);
  return node.port;
}

async function settleAll({ cluster, people }: World): Promise<void> {
  await Promise.all(people.map((device, index) => settle(device, portOf(cluster, index))));
}

async function judge({ cluster, people }: World): Promise<void> {
  const [ann] = people;
  for (const [index, device] of people.entries()) {
    if (device.isClosed) await comeOnline(device, portOf(cluster, index));
  }
  const logs = await readLogs(portOf(cluster, 1), ann, ['g1']);
  assertKept(logs, people);
  for (const device of people) await assertDelivered(logs, device);
  for (const device of people) device.offline();
}

/** Both say something every now and then, for so long. */
async function talk({ people }: World, ms: number): Promise<void> {
  const endMs = performance.now() + ms;
  for (let count = 1; performance.now() < endMs; count += 1) {
    for (const device of people) if (!device.isClosed) device.send('#team', `${device.name} says ${count}`);
    await sleep(200);
  }
}

test('[ORDER-1] [SEND-5] a node that freezes inside a transaction loses its locks, and the others go on', async (t) => {
  const world = await openWorld(t);
  if (world === undefined) return;
  const { cluster, people } = world;
  const [ann, ben] = people;
  const locks = await watchLocks(t, cluster);
  const [frozen] = cluster.nodes;
  assert.ok(frozen !== undefined);
  for (let tries = 1; ; tries += 1) {
    assert.ok(tries <= TRIES, 'a node was caught inside a transaction');
    for (let count = 0; count < BURST; count += 1) ann.send('#team', `${tries}.${count}`);
    await sleep(tries % 7);
    frozen.freeze();
    await frozen.untilFrozen();
    if ((await locks.locked()) > 0 && (await locks.locked()) > 0) break;
    frozen.thaw();
    await ann.take(({ unsettled }) => unsettled.length === 0);
  }
  ben.send('#team', 'while the other stands still');
  await settle(ben, portOf(cluster, 1));
  // The other node takes locks for moments, too.
  while ((await locks.locked()) > 0) await sleep(5);
  frozen.thaw();
  await settleAll(world);
  await judge(world);
});

test('[DELIV-2] while Redis stands still, and afterwards, everything arrives once and in order', async (t) => {
  const world = await openWorld(t);
  if (world === undefined) return;
  world.cluster.redis?.freeze();
  await talk(world, FREEZE_MS);
  world.cluster.redis?.thaw();
  await settleAll(world);
  await judge(world);
});

test('[SEND-1] [SEND-5] while the database stands still nothing is acknowledged that is lost later', async (t) => {
  const world = await openWorld(t);
  if (world === undefined) return;
  world.cluster.database?.freeze();
  await talk(world, FREEZE_MS);
  world.cluster.database?.thaw();
  await settleAll(world);
  await judge(world);
});

test('[DELIV-2] with Redis gone for good what is said on one node still arrives on the other', async (t) => {
  const world = await openWorld(t);
  if (world === undefined) return;
  const [ann, ben] = world.people;
  await world.cluster.redis?.kill();
  for (let count = 1; count <= 20; count += 1) {
    ann.send('#team', `${count}`);
    await ben.take(({ received }) => received.some(({ clientId }) => clientId === `ann-${count}`));
  }
  await settleAll(world);
  await judge(world);
});
