import { type Fault, last } from './fault.ts';
import { missingNode, nodesOf, victimOf } from './node-faults.ts';

const HOUR_MS = 3_600_000;

/** The wall clock of one node is an hour ahead or behind for a while. */
export const clockStep: Fault = {
  missing: missingNode,
  targets: nodesOf,
  lasts: [1_000, 4_000],
  inject: async (context) => {
    const node = victimOf(context);
    const ahead = context.chance.happens(0.5) ? HOUR_MS : -HOUR_MS;
    context.tell(`the clock of ${node.name} is an hour ${ahead > 0 ? 'ahead' : 'behind'}`);
    try {
      await node.setClock(ahead);
      await last(context);
    } finally {
      await node.setClock(0);
    }
  },
};
