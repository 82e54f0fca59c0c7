/** Two clocks at one moment, in milliseconds. */
export interface ClockReading {
  /** Never jumps back; may stand still while the machine sleeps. */
  readonly monotonicMs: number;
  /** Since 1970; may be set. */
  readonly wallMs: number;
}

/**
 * Notices that this process was stopped or its machine asleep: looks that were to come every `periodMs` are late, or
 * the clocks have parted. After that no link is what it seems. Pure.
 */
export class WakeDetector {
  readonly #toleranceMs: number;
  readonly #periodMs: number;
  #last: ClockReading;

  constructor(now: ClockReading, periodMs: number, toleranceMs = 2_000) {
    this.#last = now;
    this.#periodMs = periodMs;
    this.#toleranceMs = toleranceMs;
  }

  /** Whether it slept since the last look. A wall clock that is set looks the same; that costs one ping. */
  look(now: ClockReading): boolean {
    const passedMs = Math.max(now.monotonicMs - this.#last.monotonicMs, now.wallMs - this.#last.wallMs);
    this.#last = now;
    return passedMs > this.#periodMs + this.#toleranceMs;
  }
}
