/** How many lines are kept. */
const MOST = 500;

/** Lines that were entered in this session, to be gone through; what is being typed is kept meanwhile. */
export class InputHistory {
  readonly #lines: string[] = [];
  /** Which line is shown; as many as there are lines: the one being typed. */
  #at = 0;
  #typed = '';

  /** A line was entered. Lines that begin with a space, and repeats, are not kept. */
  add(line: string): void {
    const isKept = line.trim() !== '' && !line.startsWith(' ') && line !== this.#lines.at(-1);
    if (isKept) this.#lines.push(line);
    if (this.#lines.length > MOST) this.#lines.shift();
    this.#at = this.#lines.length;
  }

  /** The line before, or after, the one that is shown; undefined when there is none. */
  move(step: -1 | 1, shown: string): string | undefined {
    const to = this.#at + step;
    if (to < 0 || to > this.#lines.length) return undefined;
    if (this.#at === this.#lines.length) this.#typed = shown;
    this.#at = to;
    return to === this.#lines.length ? this.#typed : this.#lines[to];
  }
}
