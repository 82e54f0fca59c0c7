import type { RunCommand } from '../run/options.ts';
import { startEmbedded } from './start-embedded.ts';
import type { System } from './system.ts';

/** Enough for a run of minutes; filled only when a full disk is asked for. */
const DISK_MEGABYTES = 512;

/** Starts what the command line asks for. */
export async function startSystem({ store, faults }: RunCommand, folder: string): Promise<System> {
  if (store !== 'sqlite') throw new Error(`--store ${store} is not there yet`);
  const disk = faults.includes('disk-full') ? { diskMegabytes: DISK_MEGABYTES } : {};
  return startEmbedded({ folder, ...disk });
}
