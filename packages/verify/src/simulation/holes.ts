/** What was left out of what a device was sent. */
interface Hole {
  readonly from: number;
  readonly to: number;
}

/** What a device was not sent and has to page, by conversation. */
export class Holes {
  readonly #holes = new Map<string, Hole[]>();

  get areAny(): boolean {
    return this.#holes.size > 0;
  }

  /** A gap was told. */
  note(address: string, { from, to, reason }: Hole & { readonly reason: string }): void {
    if (reason === 'reset') this.#holes.delete(address);
    if (reason === 'paged') this.#holes.set(address, [...(this.#holes.get(address) ?? []), { from, to }]);
  }

  /** What is to be asked for: the newest part of something below a seq. */
  *wanted(): Generator<readonly [address: string, before: number]> {
    for (const [address, [hole]] of this.#holes) if (hole !== undefined) yield [address, hole.to + 1];
  }

  /** What was below `before` came, from `first` on. */
  paged(address: string, before: number, { first, more }: { readonly first: number; readonly more: boolean }): void {
    const [hole, ...others] = this.#holes.get(address) ?? [];
    // It was told to forget all of it meanwhile.
    if (hole === undefined || hole.to + 1 !== before) return;
    const isPaged = first <= hole.from || !more;
    const left = isPaged ? others : [{ from: hole.from, to: first - 1 }, ...others];
    if (left.length > 0) this.#holes.set(address, left);
    else this.#holes.delete(address);
  }

  forget(address: string): void {
    this.#holes.delete(address);
  }

  clear(): void {
    this.#holes.clear();
  }
}
