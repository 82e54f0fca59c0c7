/** Time as net needs it; chat's Clock port fits. */
export interface NetClock {
  /** Milliseconds that only rise. */
  monotonic(): number;
  /** Runs `action` once after `ms`, without keeping the process alive. */
  after(ms: number, action: () => void): { cancel(): void };
}
