import type { Fault } from './fault.ts';
import { pause } from './pause.ts';

const SLOW_SHARE = 0.2;
const SLOW_MS = [2_000, 6_000] as const;
const CUT_SHARE = 0.5;

/** Some devices read nothing for a while; the server's output for them piles up. */
export const slowReader: Fault = {
  missing: () => undefined,
  inject: async (context) => {
    const { crowd, chance, tell } = context;
    const slow = crowd.devices.filter((device) => device.isLive && chance.happens(SLOW_SHARE));
    tell(`${slow.length} devices read nothing`);
    try {
      for (const device of slow) device.pause();
      await pause(context, SLOW_MS);
    } finally {
      for (const device of slow) device.resume();
    }
  },
};

/** Half of all connections are reset at once. */
export const resetConnections: Fault = {
  missing: () => undefined,
  inject: async ({ crowd, chance, tell }) => {
    const cut = crowd.devices.filter((device) => device.isLive && chance.happens(CUT_SHARE));
    tell(`${cut.length} connections reset`);
    for (const device of cut) device.cut();
    await Promise.resolve();
  },
};
