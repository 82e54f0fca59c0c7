import type { Fault } from './fault.ts';
import { pickNode } from './node-faults.ts';
import { pause } from './pause.ts';

const HOUR_MS = 3_600_000;
const OFF_MS = [1_000, 4_000] as const;

/** The wall clock of one node is an hour ahead or behind for a while. */
export const clockStep: Fault = {
  missing: () => undefined,
  inject: async (context) => {
    const node = pickNode(context);
    const ahead = context.chance.happens(0.5) ? HOUR_MS : -HOUR_MS;
    context.tell(`the clock of ${node.name} is an hour ${ahead > 0 ? 'ahead' : 'behind'}`);
    try {
      await node.setClock(ahead);
      await pause(context, OFF_MS);
    } finally {
      await node.setClock(0);
    }
  },
};
