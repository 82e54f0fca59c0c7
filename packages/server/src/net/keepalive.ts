import type { NetClock } from './net-clock.ts';

/** How often connections are looked at, in milliseconds; silence and standstill are told this much late at most. */
const INTERVAL_MS = 1_000;

/** Something to look at from time to time. */
export interface Watched {
  check(nowMs: number): void;
}

/**
 * Looks at every connection once a second: one timer for all. Its clock counts only time in which this process ran.
 * When it was frozen, or the machine slept, what peers sent meanwhile has not been read yet, and nobody may be called
 * silent for that.
 */
export class Keepalive {
  readonly #clock: NetClock;
  readonly #watched = new Set<Watched>();
  readonly #run = (): void => this.#look();
  #timer: { cancel(): void };
  #closed = false;
  #lastLookMs: number;
  #nowMs = 0;

  constructor(clock: NetClock) {
    this.#clock = clock;
    this.#lastLookMs = clock.monotonic();
    this.#timer = clock.after(INTERVAL_MS, this.#run);
  }

  /** Milliseconds that this process has lived through; as fine as the interval. */
  get nowMs(): number {
    return this.#nowMs;
  }

  add(watched: Watched): void {
    this.#watched.add(watched);
  }

  remove(watched: Watched): void {
    this.#watched.delete(watched);
  }

  close(): void {
    this.#closed = true;
    this.#timer.cancel();
  }

  #look(): void {
    const clockMs = this.#clock.monotonic();
    this.#nowMs += Math.min(clockMs - this.#lastLookMs, 2 * INTERVAL_MS);
    this.#lastLookMs = clockMs;
    for (const watched of this.#watched) watched.check(this.#nowMs);
    if (!this.#closed) this.#timer = this.#clock.after(INTERVAL_MS, this.#run);
  }
}
