import { StoreUnavailable } from '../../chat/ports/store.ts';

/** Bounds of waiting for a place. */
export interface PoolLimits {
  /** Callers that may wait; more are refused at once. */
  readonly queue: number;
  /** How long each may wait, in milliseconds. */
  readonly waitMs: number;
}

interface Waiter<T> {
  readonly give: (item: T) => void;
  readonly timer: NodeJS.Timeout;
}

/** A few things, each used by one caller at a time. Callers are served in order; the one used last is given first. */
export class Pool<T> {
  readonly #idle: T[];
  readonly #limits: PoolLimits;
  readonly #waiting = new Set<Waiter<T>>();

  constructor(items: readonly T[], limits: PoolLimits) {
    this.#idle = [...items];
    this.#limits = limits;
  }

  /** @throws {StoreUnavailable} when none comes free in time; what `work` throws passes */
  async use<R>(work: (item: T) => Promise<R>): Promise<R> {
    const item = this.#idle.pop() ?? (await this.#wait());
    try {
      return await work(item);
    } finally {
      this.#release(item);
    }
  }

  #wait(): Promise<T> {
    if (this.#waiting.size >= this.#limits.queue) {
      return Promise.reject(new StoreUnavailable('too many calls wait for the database'));
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        reject(new StoreUnavailable('the database does not answer in time'));
      }, this.#limits.waitMs);
      const waiter: Waiter<T> = { give: resolve, timer };
      this.#waiting.add(waiter);
    });
  }

  #release(item: T): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#idle.push(item);
      return;
    }
    this.#waiting.delete(next);
    clearTimeout(next.timer);
    next.give(item);
  }
}
