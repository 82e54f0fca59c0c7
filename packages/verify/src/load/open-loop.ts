/**
 * Calls `act` at a fixed rate, however slowly the answers come, and tells each call when it was due. Latencies counted
 * from there hold what a waiting person feels: a stall makes all that were due meanwhile late (no coordinated
 * omission). The clock ticks in milliseconds; what is due within one is due at its end.
 */
export class OpenLoop {
  readonly #perMs: number;
  readonly #act: (dueMs: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #nextMs = 0;
  #owed = 0;

  /** `perSecond` calls a second; `dueMs` is of `performance.now()`. */
  constructor(perSecond: number, act: (dueMs: number) => void) {
    this.#perMs = perSecond / 1_000;
    this.#act = act;
  }

  start(): void {
    this.#nextMs = performance.now() + 1;
    this.#timer = setInterval(() => this.#catchUp(), 1);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #catchUp(): void {
    for (const now = performance.now(); this.#nextMs <= now; this.#nextMs += 1) {
      for (this.#owed += this.#perMs; this.#owed >= 1; this.#owed -= 1) this.#act(this.#nextMs);
    }
  }
}
