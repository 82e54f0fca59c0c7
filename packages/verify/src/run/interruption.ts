const EXIT_OF = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
type Name = keyof typeof EXIT_OF;

/** Ctrl-C reaches us twice, from the terminal and from npm: what comes so soon after the first is the same one. */
const SAME_MS = 500;

/** Signals that ask to end: the first early and in order, a later one at once. */
export class Interruption implements Disposable {
  readonly #asked = new AbortController();
  readonly #atOnce: (exit: number) => void;
  readonly #now: () => number;
  readonly #names = Object.keys(EXIT_OF) as Name[];
  #first: { readonly at: number; readonly exit: number } | undefined;

  /**
   * @param atOnce must end the process, with this exit code
   * @param now milliseconds on a clock that never jumps
   */
  constructor(atOnce: (exit: number) => void, now = () => performance.now()) {
    this.#atOnce = atOnce;
    this.#now = now;
    for (const name of this.#names) process.on(name, this.#hear);
  }

  /** Aborted by the first. */
  get signal(): AbortSignal {
    return this.#asked.signal;
  }

  /** The exit code of the first: 128 and its number; undefined: there was none. */
  get exit(): number | undefined {
    return this.#first?.exit;
  }

  [Symbol.dispose](): void {
    for (const name of this.#names) process.off(name, this.#hear);
  }

  readonly #hear = (name: NodeJS.Signals): void => {
    const now = this.#now();
    if (this.#first === undefined) {
      this.#first = { at: now, exit: EXIT_OF[name as Name] };
      this.#asked.abort();
    } else if (now - this.#first.at > SAME_MS) {
      this.#atOnce(this.#first.exit);
    }
  };
}
