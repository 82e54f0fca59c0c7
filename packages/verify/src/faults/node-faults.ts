import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultyNode, System } from '../systems/system.ts';
import { type Fault, type FaultContext, last, NOT_OURS } from './fault.ts';

/** How long a node stays away, in milliseconds. */
const AWAY_MS = [300, 2_500] as const;
/** How long a node is started again and again: longer than its database may be away. */
const BACK_MS = 60_000;
const AGAIN_MS = 250;

/** Ended with SIGKILL, and after a while started again on the same data. */
export const killNode: Fault = {
  missing: missingNode,
  targets: nodesOf,
  lasts: AWAY_MS,
  inject: async (context) => {
    const node = victimOf(context);
    context.tell(`${node.name} killed`);
    try {
      await node.kill();
      await last(context);
    } finally {
      await bringBack(node);
    }
  },
};

/** Stands still with all its connections open. */
export const freezeNode: Fault = {
  missing: missingNode,
  targets: nodesOf,
  // Sometimes shorter, sometimes longer than clients wait.
  lasts: [2_000, 9_000],
  inject: async (context) => {
    const node = victimOf(context);
    context.tell(`${node.name} frozen`);
    try {
      node.freeze();
      await last(context);
    } finally {
      node.thaw();
    }
  },
};

/** Told to stop in order. */
export const drainNode: Fault = {
  missing: missingNode,
  targets: nodesOf,
  lasts: AWAY_MS,
  inject: async (context) => {
    const node = victimOf(context);
    context.tell(`${node.name} drained`);
    try {
      const code = await node.drain();
      if (code !== 0) throw new Error(`${node.name} ended with ${code} when asked to stop: ${node.lastWords}`);
      await last(context);
    } finally {
      await bringBack(node);
    }
  },
};

/** Why no node can be broken. */
export function missingNode({ isOurs }: System): string | undefined {
  return isOurs ? undefined : NOT_OURS;
}

/** Each node by itself. */
export function nodesOf({ nodes }: System): string[][] {
  return nodes.map(({ name }) => [name]);
}

/** The node that the plan names. */
export function victimOf({ system, plan }: FaultContext): FaultyNode {
  const node = system.nodes.find(({ name }) => name === plan.victims[0]);
  if (node === undefined) throw new Error(`there is no ${plan.victims[0]}`);
  return node;
}

/** Starts it as whatever watches over servers does: again and again, since its database may be away as well. */
async function bringBack(node: FaultyNode): Promise<void> {
  const end = performance.now() + BACK_MS;
  for (;;) {
    try {
      return await node.start();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await sleep(AGAIN_MS);
  }
}
