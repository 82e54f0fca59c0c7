import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultContext } from './fault.ts';

/** Waits for a time between two, by chance, or until the run is to end. */
export async function pause(
  { chance, signal }: Pick<FaultContext, 'chance' | 'signal'>,
  [least, most]: readonly [number, number],
): Promise<void> {
  const ms = least + chance.next() * (most - least);
  await sleep(ms, undefined, { signal }).catch(() => {});
}
