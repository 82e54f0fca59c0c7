/** A running timer. */
export interface Timer {
  cancel(): void;
}

/** Time from outside, so that tests can hold it still. */
export interface Clock {
  /** Milliseconds since 1970; may jump. For people only, never for order. */
  now(): number;
  /** Milliseconds that only rise. For deadlines. */
  monotonic(): number;
  /** Runs `action` once after `ms`; does not keep the process alive. */
  after(ms: number, action: () => void): Timer;
}
