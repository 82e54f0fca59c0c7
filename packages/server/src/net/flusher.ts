/** Something that collected output during this turn of the event loop. */
export interface Flushable {
  flush(): void;
}

/**
 * Flushes everything that was written to in one turn of the event loop, together at the turn's end. One callback for
 * all connections, in the loop's check phase: that comes after all sockets and worker messages that were ready in
 * this turn have been handled, so their frames leave joined; when only one was ready it comes at once.
 */
export class Flusher {
  readonly #schedule: (run: () => void) => void;
  readonly #run = (): void => this.#flushAll();
  #waiting: Flushable[] = [];

  constructor(schedule: (run: () => void) => void = setImmediate) {
    this.#schedule = schedule;
  }

  /** Callers see to it that they are added once until their `flush` is called. */
  add(target: Flushable): void {
    this.#waiting.push(target);
    if (this.#waiting.length === 1) this.#schedule(this.#run);
  }

  #flushAll(): void {
    const waiting = this.#waiting;
    // A flush may cause new output, which then is the next turn's.
    this.#waiting = [];
    for (const target of waiting) target.flush();
  }
}
