import type { RunCommand } from '../run/options.ts';
import { startBreakableCluster } from './start-cluster.ts';
import { startEmbedded } from './start-embedded.ts';
import type { System } from './system.ts';

/** Enough for a run of minutes; filled only when a full disk is asked for. */
const DISK_MEGABYTES = 768;

/** Starts what the command line asks for. */
export async function startSystem(
  { store, faults, nodes }: RunCommand,
  { folder, onProgress }: { folder: string; onProgress: (line: string) => void },
): Promise<System> {
  const disk = faults.includes('disk-full') ? { diskMegabytes: DISK_MEGABYTES } : {};
  if (store === 'sqlite') return startEmbedded({ folder, ...disk });
  return startBreakableCluster({ folder, flavour: store, nodes, onProgress, ...disk });
}
