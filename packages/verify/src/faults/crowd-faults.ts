import type { Device } from '../crowd/device.ts';
import { CLIENTS, type Fault, type FaultContext, last } from './fault.ts';

const SLOW_SHARE = 0.2;
const CUT_SHARE = 0.5;

/** Some devices read nothing for a while; the server's output for them piles up. */
export const slowReader: Fault = {
  missing: () => undefined,
  targets: () => [[CLIENTS]],
  // Longer than the nodes of a system of ours bear it.
  lasts: [5_000, 9_000],
  inject: async (context) => {
    const slow = some(context, SLOW_SHARE);
    context.tell(`devices that read nothing: ${slow.length}`);
    try {
      for (const device of slow) device.pause();
      await last(context);
    } finally {
      for (const device of slow) device.resume();
    }
  },
};

/** Half of all connections are reset at once. */
export const resetConnections: Fault = {
  missing: () => undefined,
  targets: () => [[CLIENTS]],
  lasts: [0, 0],
  inject: async (context) => {
    const cut = some(context, CUT_SHARE);
    context.tell(`connections reset: ${cut.length}`);
    for (const device of cut) device.cut();
    await last(context);
  },
};

/** Drawn from all devices, so that the same ones are drawn whoever happens to be away. */
function some({ crowd, chance }: FaultContext, share: number): Device[] {
  return crowd.devices.filter(() => chance.happens(share)).filter(({ isLive }) => isLive);
}
