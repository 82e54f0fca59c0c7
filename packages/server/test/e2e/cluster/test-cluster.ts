import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { unavailable } from '@parley/testkit';
import { type Cluster, type ClusterOptions, startCluster } from '../../../../rig/src/index.ts';
import type { Device } from '../device.ts';
import { temporaryFolder } from '../real-node.ts';

/** How long anything may take that must heal by itself, in milliseconds. */
const HEAL_MS = 60_000;
const BETWEEN_TRIES_MS = 100;
/** Until what was refused is sent again, in milliseconds. */
const AGAIN_MS = 400;

/** A whole cluster that ends with the test; undefined where its servers cannot be had, which the test's output says. */
export async function testCluster(
  t: TestContext,
  options: Pick<ClusterOptions, 'flavour' | 'nodeCount'>,
): Promise<Cluster | undefined> {
  let cluster: Cluster | undefined;
  // Hooks run in the order in which they were set: first the end of the cluster, then that of its folder.
  t.after(() => cluster?.stop());
  const folder = temporaryFolder(t);
  try {
    cluster = await startCluster({ ...options, folder });
    return cluster;
  } catch (error) {
    unavailable(t, 'a cluster', (error as Error).message);
    return undefined;
  }
}

/** Comes (back) through the front, as soon as something lets it in. */
export async function comeOnline(device: Device, port: number): Promise<void> {
  const deadline = performance.now() + HEAL_MS;
  for (;;) {
    try {
      await device.resume(port);
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(BETWEEN_TRIES_MS);
    }
  }
}

/** Sends again, over as many connections as it takes, until everything is settled. */
export async function settle(device: Device, port: number): Promise<void> {
  const deadline = performance.now() + HEAL_MS;
  while (device.unsettled.length > 0) {
    if (performance.now() > deadline) throw new Error(`${device.name} cannot settle: ${describe(device)}`);
    if (device.isClosed) await comeOnline(device, port);
    device.resend(device.unsettled);
    const late = sleep(AGAIN_MS).then(() => 'late');
    await Promise.race([late, device.take(({ unsettled }) => unsettled.length === 0)]);
  }
}

function describe({ unsettled }: Device): string {
  return unsettled.map(({ clientId, refusal }) => `${clientId} (${refusal ?? 'unanswered'})`).join(', ');
}
