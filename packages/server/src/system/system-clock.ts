import type { Clock } from '../chat/ports/clock.ts';

/** setTimeout takes no more (2^31 − 1 ms, 24 days), and would fire at once. */
const LONGEST_MS = 2_147_483_647;

/** The machine's time. */
export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, action) {
    const timer = setTimeout(action, Math.min(ms, LONGEST_MS)).unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
