/** Stands for a line that was entered and is not UTF-8. */
export const NOT_UTF8: unique symbol = Symbol('not UTF-8');
export type EnteredLine = string | typeof NOT_UTF8;

/** Lines that were entered and not yet taken, in order; typing ahead is fine. */
export class LineQueue {
  readonly #lines: EnteredLine[] = [];
  #waiting: ((line: EnteredLine | undefined) => void) | undefined;
  #isEnded = false;

  push(line: EnteredLine): void {
    if (this.#isEnded) return;
    if (this.#waiting === undefined) this.#lines.push(line);
    else this.#hand(line);
  }

  /** No more lines will come. */
  end(): void {
    this.#isEnded = true;
    this.#hand(undefined);
  }

  /** The next line, as soon as there is one; undefined at the end. Whoever asks last gets it. */
  async next(): Promise<EnteredLine | undefined> {
    const line = this.#lines.shift();
    if (line !== undefined || this.#isEnded) return line;
    return await new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  #hand(line: EnteredLine | undefined): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.(line);
  }
}
