import type { Fault } from './fault.ts';
import { pause } from './pause.ts';

const FULL_MS = [1_500, 4_000] as const;

/** The disk of the database is full for a while. */
export const diskFull: Fault = {
  missing: ({ disk }) => (typeof disk === 'string' ? disk : undefined),
  inject: async (context) => {
    const { disk } = context.system;
    if (typeof disk === 'string') return;
    context.tell('the disk is full');
    try {
      await disk.fill();
      await pause(context, FULL_MS);
    } finally {
      await disk.empty();
    }
  },
};
