/** A node's own writers, as it knows them: the numbers of its rows come from its memory. */
export class OwnWriters {
  readonly #draw: () => number;
  readonly #living = new Map<number, number>();
  #ended: [writer: number, n: number][] = [];

  constructor(draw: () => number) {
    this.#draw = draw;
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

  living(): ReadonlyMap<number, number> {
    return this.#living;
  }

  takeEnded(): [writer: number, n: number][] {
    const ended = this.#ended;
    this.#ended = [];
    return ended;
  }
}
