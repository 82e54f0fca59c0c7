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
export class RecentIds<V extends { readonly clientId: string }> {
  readonly #size: number;
  readonly #greatest: (first: string) => string | undefined;
  /** By the id's hash: V8 makes every string that becomes a key unique first, which takes 1.2 µs for 36 characters. */
  #young = new Map<number, V>();
  #old = new Map<number, V>();
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
    const hash = hashOf(id);
    const young = this.#young.get(hash);
    if (young?.clientId === id) return young;
    const old = this.#old.get(hash);
    return old?.clientId === id ? old : undefined;
  }

  /** Whether the table surely has nothing under an id that `get` does not know. */
  isNew(id: string): boolean {
    return id > this.#floor(id.charAt(0));
  }

  /** Notes what was just stored. */
  add(value: V): void {
    const { clientId } = value;
    const first = clientId.charAt(0);
    // Before the first id of its kind is in memory only, the table must have been asked for the older ones.
    this.#floor(first);
    if (this.#young.size >= this.#size) {
      for (const { clientId: gone } of this.#old.values()) this.#raise(gone);
      this.#old = this.#young;
      this.#young = new Map();
    }
    const hash = hashOf(clientId);
    const displaced = this.#young.get(hash);
    if (displaced !== undefined) this.#raise(displaced.clientId);
    this.#young.set(hash, value);
    if (clientId > this.#top(first)) this.#tops.set(first, clientId);
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

/** FNV-1a in 31 bits: V8 keeps such numbers without allocating. Ids that share a hash cost a look into the table. */
export function hashOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index += 1) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  return hash >>> 1;
}
