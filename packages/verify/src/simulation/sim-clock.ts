import type { Clock, Timer } from '@parley/server/ports';

/** The one time of a simulated world, in milliseconds. It moves when the world says so. */
export class SimTime {
  nowMs = 0;
}

interface Due {
  readonly atMs: number;
  readonly action: () => void;
}

/** One node's clock. Its timers run when the world runs them, so a frozen node's wait. */
export class SimClock implements Clock {
  readonly #time: SimTime;
  #timers: Due[] = [];

  constructor(time: SimTime) {
    this.#time = time;
  }

  now(): number {
    return this.#time.nowMs;
  }

  monotonic(): number {
    return this.#time.nowMs;
  }

  after(ms: number, action: () => void): Timer {
    const timer = { atMs: this.#time.nowMs + ms, action };
    this.#timers.push(timer);
    return { cancel: () => this.#forget(timer) };
  }

  /** When the next timer is due; infinite when there is none. */
  get nextMs(): number {
    return this.#timers.reduce((least, { atMs }) => Math.min(least, atMs), Number.POSITIVE_INFINITY);
  }

  /** Runs the timer that was due first. */
  fire(): void {
    const timer = this.#timers.find(({ atMs }) => atMs === this.nextMs);
    if (timer === undefined) return;
    this.#forget(timer);
    timer.action();
  }

  #forget(timer: Due): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
  }
}
