import type { Clock, Timer } from '@parley/server/ports';

interface Due {
  readonly atMs: number;
  readonly action: () => void;
}

/** A clock that stands still until it is told to go on. */
export class FakeClock implements Clock {
  #nowMs: number;
  #monotonicMs = 0;
  #timers: Due[] = [];

  constructor(nowMs = 1_700_000_000_000) {
    this.#nowMs = nowMs;
  }

  /** Timers that wait. */
  get timers(): number {
    return this.#timers.length;
  }

  now(): number {
    return this.#nowMs;
  }

  monotonic(): number {
    return this.#monotonicMs;
  }

  after(ms: number, action: () => void): Timer {
    const timer = { atMs: this.#monotonicMs + ms, action };
    this.#timers.push(timer);
    return { cancel: () => this.#forget(timer) };
  }

  /** Goes on step by step, running what falls due on the way. */
  advance(ms: number): void {
    const endMs = this.#monotonicMs + ms;
    for (;;) {
      const next = this.#timers.toSorted((one, other) => one.atMs - other.atMs)[0];
      if (next === undefined || next.atMs > endMs) break;
      this.#goTo(next.atMs);
      this.#forget(next);
      next.action();
    }
    this.#goTo(endMs);
  }

  /** The time of day jumps, as when somebody sets it. */
  setNow(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  #goTo(atMs: number): void {
    const passedMs = Math.max(0, atMs - this.#monotonicMs);
    this.#nowMs += passedMs;
    this.#monotonicMs += passedMs;
  }

  #forget(timer: Due): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
  }
}
