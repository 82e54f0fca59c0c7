import type { FaultyNode } from '../systems/system.ts';
import type { Fault, FaultContext } from './fault.ts';
import { pause } from './pause.ts';

/** How long a node stays away or still, in milliseconds. */
const AWAY_MS = [300, 2_500] as const;
/** Sometimes shorter, sometimes longer than clients wait. */
const FROZEN_MS = [2_000, 9_000] as const;

/** Ended with SIGKILL, and after a while started again on the same data. */
export const killNode: Fault = {
  missing: () => undefined,
  inject: async (context) => {
    const node = pickNode(context);
    context.tell(`${node.name} killed`);
    try {
      await node.kill();
      await pause(context, AWAY_MS);
    } finally {
      await node.start();
    }
  },
};

/** Stands still with all its connections open. */
export const freezeNode: Fault = {
  missing: () => undefined,
  inject: async (context) => {
    const node = pickNode(context);
    context.tell(`${node.name} frozen`);
    try {
      node.freeze();
      await pause(context, FROZEN_MS);
    } finally {
      node.thaw();
    }
  },
};

/** Told to stop in order. */
export const drainNode: Fault = {
  missing: () => undefined,
  inject: async (context) => {
    const node = pickNode(context);
    context.tell(`${node.name} drained`);
    try {
      const code = await node.drain();
      if (code !== 0) throw new Error(`${node.name} ended with ${code} when it was asked to stop`);
      await pause(context, AWAY_MS);
    } finally {
      await node.start();
    }
  },
};

/** One of the nodes. */
export function pickNode({ system, chance }: FaultContext): FaultyNode {
  return chance.pick(system.nodes);
}
