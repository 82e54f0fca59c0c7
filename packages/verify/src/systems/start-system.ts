import type { RunCommand } from '../run/options.ts';
import { joinRunning } from './join-running.ts';
import type { Leftovers } from './leftovers.ts';
import { startBreakableCluster } from './start-cluster.ts';
import { startEmbedded } from './start-embedded.ts';
import type { System } from './system.ts';

/** Enough for a run of minutes; filled only when a full disk is asked for. */
const DISK_MEGABYTES = 768;

/** Where a system is started, and who hears of it. */
export interface Start {
  readonly folder: string;
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal;
  readonly leftovers: Leftovers;
}

/** Starts, or joins, what the command line asks for. @throws Error with one sentence */
export async function startSystem({ on, faults }: RunCommand, start: Start): Promise<System> {
  if (on.kind === 'running') return joinRunning(on);
  const disk = faults.includes('disk-full') ? { diskMegabytes: DISK_MEGABYTES } : {};
  if (on.store === 'sqlite') return startEmbedded({ ...start, ...disk });
  try {
    return await startBreakableCluster({ ...start, flavour: on.store, nodes: on.nodes, ...disk });
  } catch (error) {
    if (start.signal.aborted) throw error;
    throw new Error(`no cluster can be started (--store sqlite needs none): ${(error as Error).message}`, {
      cause: error,
    });
  }
}
