import { type Fault, last } from './fault.ts';
import { nodesOf } from './node-faults.ts';

/** The disk of the database is full for a while. Whoever keeps data there could not start meanwhile. */
export const diskFull: Fault = {
  missing: ({ disk }) => (typeof disk === 'string' ? disk : undefined),
  targets: (system) => (system.database === undefined ? nodesOf(system) : [['database']]),
  lasts: [1_500, 4_000],
  inject: async (context) => {
    const { disk } = context.system;
    if (typeof disk === 'string') return;
    context.tell('the disk is full');
    try {
      await disk.fill();
      await last(context);
    } finally {
      await disk.empty();
    }
  },
};
