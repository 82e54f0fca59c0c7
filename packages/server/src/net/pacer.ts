import type { NetClock } from './net-clock.ts';

/** Something that sends one frame at a time with pauses between. */
export interface Paced {
  /** Sends one frame; returns when it wants to be called again, or undefined when it does not. */
  sendPaced(nowMs: number): number | undefined;
}

interface Turn {
  readonly target: Paced;
  readonly dueMs: number;
}

/** Wakes paced connections when their next frame is due: one timer for all of them, and none when nobody waits. */
export class Pacer {
  readonly #clock: NetClock;
  readonly #run = (): void => this.#wake();
  /** By rising `dueMs`. */
  #turns: Turn[] = [];
  #timer: { cancel(): void } | undefined;

  constructor(clock: NetClock) {
    this.#clock = clock;
  }

  /** Calls `target` at `dueMs` or after. Callers see to it that they wait once only. */
  add(target: Paced, dueMs: number): void {
    // Pauses are mostly all equal, so the place is nearly always the end.
    let place = this.#turns.length;
    while (place > 0 && (this.#turns[place - 1] as Turn).dueMs > dueMs) place -= 1;
    this.#turns.splice(place, 0, { target, dueMs });
    if (this.#timer === undefined || place === 0) this.#arm();
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#turns = [];
  }

  #arm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const next = this.#turns[0];
    if (next === undefined) return;
    this.#timer = this.#clock.after(Math.max(1, Math.ceil(next.dueMs - this.#clock.monotonic())), this.#run);
  }

  #wake(): void {
    // A timer may fire a little early; whoever is not due yet stays.
    const nowMs = this.#clock.monotonic();
    const later = this.#turns.findIndex((turn) => turn.dueMs > nowMs);
    const due = later === -1 ? this.#turns : this.#turns.slice(0, later);
    this.#turns = later === -1 ? [] : this.#turns.slice(later);
    for (const { target } of due) {
      const againMs = target.sendPaced(nowMs);
      if (againMs !== undefined) this.add(target, againMs);
    }
    this.#arm();
  }
}
