export interface ReconnectPolicyOptions {
  /** The first wait is at most this long; it doubles with every failure. Milliseconds. */
  readonly firstWaitMs?: number;
  readonly longestWaitMs?: number;
  /** From 0 up to 1; each wait is drawn anew, so that a node's clients do not come back all at once. */
  readonly random: () => number;
}

/** How long to wait before the next attempt: exponential back-off with full jitter. Pure but for its counter. */
export class ReconnectPolicy {
  readonly #firstWaitMs: number;
  readonly #longestWaitMs: number;
  readonly #random: () => number;
  #failures = 0;

  constructor(options: ReconnectPolicyOptions) {
    this.#firstWaitMs = options.firstWaitMs ?? 500;
    this.#longestWaitMs = options.longestWaitMs ?? 30_000;
    this.#random = options.random;
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** Counts a failure and returns the wait after it, in milliseconds. */
  nextWaitMs(): number {
    const mostMs = Math.min(this.#firstWaitMs * 2 ** this.#failures, this.#longestWaitMs);
    this.#failures += 1;
    return Math.round(this.#random() * mostMs);
  }

  /** A link came about: the next failure starts from the shortest wait. */
  succeeded(): void {
    this.#failures = 0;
  }
}
