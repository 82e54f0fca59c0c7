import { type Fault, type FaultContext, last } from './fault.ts';
import { nodesOf } from './node-faults.ts';

/** How long is waited until a file must grow: a database allots in advance, and writes on in what it has. */
const UNTIL_FELT_MS = 20_000;
const LOOK_MS = 50;

/** The disk of the database is full for a while from when it was felt. Whoever keeps data there could not start meanwhile. */
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
      if (!(await isFelt(context)) && !context.signal.aborted)
        context.tell('the disk is full, and no file had to grow');
      await last(context);
    } finally {
      await disk.empty();
    }
  },
};

/** Waits until somebody is refused. */
async function isFelt({ crowd, signal, sleep }: FaultContext): Promise<boolean> {
  const before = crowd.counts.unavailable;
  for (let waitedMs = 0; waitedMs < UNTIL_FELT_MS && !signal.aborted; waitedMs += LOOK_MS) {
    if (crowd.counts.unavailable > before) return true;
    await sleep(LOOK_MS);
  }
  return false;
}
