import { BoundedCache } from '../../chat/bounded-cache.ts';

/** Above this a pair of ids does not fit into one exact number. */
const FIRST_MAX = 2 ** 22;
const SECOND_SIZE = 2 ** 31;

/**
 * What was looked up for a pair of ids, by one number as the key (a string would cost as much as it saves). Pairs whose
 * first id is above four million are not kept, only looked up.
 */
export class PairCache<V extends string | number> {
  readonly #known: BoundedCache<number, V>;
  readonly #load: (first: number, second: number) => V;

  constructor(size: number, load: (first: number, second: number) => V) {
    this.#known = new BoundedCache(size);
    this.#load = load;
  }

  get(first: number, second: number): V {
    if (first >= FIRST_MAX) return this.#load(first, second);
    const key = first * SECOND_SIZE + second;
    let value = this.#known.get(key);
    if (value === undefined) {
      value = this.#load(first, second);
      this.#known.set(key, value);
    }
    return value;
  }

  /** Call after the pair's row changed. */
  delete(first: number, second: number): void {
    if (first < FIRST_MAX) this.#known.delete(first * SECOND_SIZE + second);
  }

  clear(): void {
    this.#known.clear();
  }
}
