import type { JournalRow } from './tables.ts';

/** A node's own writers, as it knows them: the numbers of its rows come from its memory. */
export class OwnWriters {
  readonly #draw: () => number;
  readonly #forgetsEnded: boolean;
  readonly #living = new Map<number, number>();
  readonly #retired = new Set<number>();
  #ended: [writer: number, n: number][] = [];

  /** `forgetsEnded`, by mistake: rows of writers that ended are not asked for. */
  constructor(draw: () => number, forgetsEnded = false) {
    this.#draw = draw;
    this.#forgetsEnded = forgetsEnded;
  }

  begin(): number {
    const writer = this.#draw();
    this.#living.set(writer, 0);
    return writer;
  }

  lastOf(writer: number): number {
    return this.#living.get(writer) ?? 0;
  }

  wrote(writer: number, n: number): void {
    if (this.#living.has(writer)) this.#living.set(writer, n);
  }

  /** From now on it is read like another node's: its last COMMIT may have come through. */
  gaveUp(writer: number): void {
    const n = this.#living.get(writer);
    if (n === undefined) return;
    this.#living.delete(writer);
    this.#ended.push([writer, n]);
  }

  /** Lets all begin anew: the database is not the one that they wrote to. */
  retireAll(): void {
    for (const writer of this.#living.keys()) this.#retired.add(writer);
  }

  /** Whether the writer must begin anew before its next transaction. */
  isRetired(writer: number): boolean {
    return this.#retired.has(writer);
  }

  living(): ReadonlyMap<number, number> {
    return this.#living;
  }

  /** The last row of each, also of those that ended since the last read, that must be there. */
  committed(): ReadonlyMap<number, number> {
    const all = [...(this.#forgetsEnded ? [] : this.#ended), ...this.#living];
    return new Map(all.filter(([writer, n]) => n > 0 && !this.#retired.has(writer)));
  }

  /** Whether it wrote, and was told so since the journal was last read, what this one does not have. */
  knowsMoreThan(journal: readonly JournalRow[]): boolean {
    const isThere = ([writer, n]: [number, number]) =>
      n === 0 || this.#retired.has(writer) || journal.some((row) => row.writer === writer && row.n === n);
    return ![...this.#ended, ...this.#living].every(isThere);
  }

  takeEnded(): [writer: number, n: number][] {
    const ended = this.#ended;
    this.#ended = [];
    for (const [writer] of ended) this.#retired.delete(writer);
    return ended;
  }
}
