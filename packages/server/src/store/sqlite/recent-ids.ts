/** Nothing sorts before it. */
const LEAST = '';

/**
 * What the log holds under its most recent client ids. It also knows of most new ids that they are new, which saves
 * the look into the table: client ids lead with time, so a new one is greater than all that memory has let go. That
 * is compared, not assumed: an id that is not greater (a late one, a wrong clock, ids of another make) is looked up.
 *
 * Only ids with the same first character can be equal, so the comparison is made among those, and whoever makes ids
 * that begin with `z` slows down nobody else.
 */
export class RecentIds<V> {
  readonly #size: number;
  readonly #greatest: (first: string) => string | undefined;
  #young = new Map<string, V>();
  #old = new Map<string, V>();
  /** By first character: no id above is in the table unless it is in memory. */
  readonly #floors = new Map<string, string>();
  /** By first character: no id above is in the table or in memory. */
  readonly #tops = new Map<string, string>();

  /**
   * Keeps between `size` and twice `size` ids. `greatest` asks the table for the greatest id with a first character,
   * of all that were stored before this object was made or cleared.
   */
  constructor(size: number, greatest: (first: string) => string | undefined) {
    this.#size = size;
    this.#greatest = greatest;
  }

  get(id: string): V | undefined {
    // Most ids are greater than all before, and comparing one costs less than looking it up.
    if (id > this.#top(id.charAt(0))) return undefined;
    return this.#young.get(id) ?? this.#old.get(id);
  }

  /** Whether the table surely has nothing under an id that `get` does not know. */
  isNew(id: string): boolean {
    return id > this.#floor(id.charAt(0));
  }

  /** Notes an id that was just stored. */
  add(id: string, value: V): void {
    // Before the first id of its kind is in memory only, the table must have been asked for the older ones.
    this.#floor(id.charAt(0));
    if (this.#young.size >= this.#size) {
      for (const gone of this.#old.keys()) this.#raise(gone);
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(id, value);
    const first = id.charAt(0);
    if (id > this.#top(first)) this.#tops.set(first, id);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#floors.clear();
    this.#tops.clear();
  }

  #top(first: string): string {
    return this.#tops.get(first) ?? this.#floor(first);
  }

  #floor(first: string): string {
    let floor = this.#floors.get(first);
    if (floor === undefined) {
      floor = this.#greatest(first) ?? LEAST;
      this.#floors.set(first, floor);
    }
    return floor;
  }

  #raise(id: string): void {
    const first = id.charAt(0);
    if (id > this.#floor(first)) this.#floors.set(first, id);
  }
}
