import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SeededRandom } from '@parley/testkit';
import type { Cluster } from '../../../../rig/src/index.ts';
import type { Device } from '../device.ts';
import { assertDelivered, assertKept, readLogs } from '../logs.ts';
import { makeTeam, register } from '../people.ts';
import { comeOnline, settle, testCluster } from './test-cluster.ts';

const ROUNDS = 20;
/** Sends of one burst, of both authors together. */
const BURST = 60;

test(`[SEND-1] [SEND-2] [DELIV-1] ${ROUNDS} times kill -9 of a node, Redis, the database or nginx: nothing acknowledged is lost, doubled or out of order`, async (t) => {
  const random = new SeededRandom(20_261_126);
  const cluster = await testCluster(t, { flavour: 'mariadb' });
  if (cluster === undefined) return;
  const { port } = cluster;
  const people = await register(port, 'ann', 'ben', 'cat');
  const [ann, ben] = people;
  await makeTeam(port, ann, people.slice(1));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const device of people) if (device.isClosed) await comeOnline(device, port);
    burst(ann, ben, `${round}.1`);
    await sleep(random.below(15));
    const victim = victimOf(cluster, round);
    await victim.kill();
    burst(ann, ben, `${round}.2`);
    await sleep(random.below(200));
    await victim.restart();
    await Promise.all([ann, ben].map((device) => settle(device, port)));
  }
  for (const device of people) if (device.isClosed) await comeOnline(device, port);
  await Promise.all(cluster.nodes.map((node) => judge(node.port, people)));
  for (const device of people) device.offline();
});

function victimOf({ nodes, database, redis, nginx }: Cluster, round: number) {
  const victims = [nodes[0], redis, nodes[1], database, nginx];
  const victim = victims[round % victims.length];
  assert.ok(victim !== undefined);
  return victim;
}

/** Both nodes must tell the same, and all that was there. */
async function judge(port: number, people: readonly Device[]): Promise<void> {
  const [ann, ben, cat] = people as [Device, Device, Device];
  const logs = await readLogs(port, ann, ['d1-2', 'g1']);
  assertKept(logs, [ann, ben]);
  const stored = [...logs.values()].reduce((sum, log) => sum + log.length, 0);
  assert.equal(stored, ann.sent.length + ben.sent.length + 3, 'all that was sent, and three memberships');
  await assertDelivered(logs, ann);
  await assertDelivered(logs, ben);
  await assertDelivered(new Map([['g1', logs.get('g1') ?? []]]), cat);
}

/** Direct and group messages of both, all at once. */
function burst(ann: Device, ben: Device, name: string): void {
  for (let count = 0; count < BURST / 3; count += 1) {
    ann.send('@ben', `ann to ben ${name}.${count}`);
    ben.send('@ann', `ben to ann ${name}.${count}`);
    (count % 2 === 0 ? ann : ben).send('#team', `to all ${name}.${count}`);
  }
}
