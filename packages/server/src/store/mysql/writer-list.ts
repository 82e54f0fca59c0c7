/** The writers of this node: whose rows in the journal are news to others only. */
export class WriterList {
  /** The last row that each committed, by writer. */
  readonly #living = new Map<number, number>();
  /** Those that ended since the journal was last read, in the same way. */
  readonly #ended = new Map<number, number>();
  readonly #retired = new Set<number>();

  began(id: number): void {
    this.#living.set(id, 0);
  }

  wrote(id: number, n: number): void {
    this.#living.set(id, n);
  }

  /** From now on others write under this number, if anybody: what was in COMMIT may still come. */
  gaveUp(id: number, n: number): void {
    if (!this.#living.delete(id)) return;
    this.#ended.set(id, n);
  }

  /** Whether the writer must begin anew before its next transaction. */
  isRetired(id: number): boolean {
    return this.#retired.has(id);
  }

  /** Lets all begin anew: the database is not the one that they wrote to. */
  retireAll(): void {
    for (const id of this.#living.keys()) this.#retired.add(id);
  }

  /** Those that live, with the last row that each committed. */
  living(): ReadonlyMap<number, number> {
    return new Map(this.#living);
  }

  /**
   * The last row of each that must be there if the database is the one that they wrote to. Of those that ended too: what
   * breaks all links at once may be a failover that lost their rows.
   */
  committed(): ReadonlyMap<number, number> {
    const all = [...this.#ended, ...this.#living];
    return new Map(all.filter(([id, n]) => n > 0 && !this.#retired.has(id)));
  }

  /** Takes out those that ended. */
  takeEnded(): ReadonlyMap<number, number> {
    const ended = new Map(this.#ended);
    this.#ended.clear();
    for (const id of ended.keys()) this.#retired.delete(id);
    return ended;
  }
}
