/** What it writes to. */
interface Sink {
  warn(details: object, text: string): void;
  error(details: object, text: string): void;
}

/**
 * For what may happen thousands of times a second: says it at once, then once per interval with how often it
 * happened since, so that a flood of peers cannot become a flood of lines.
 */
export class OccasionalLog {
  readonly #log: Sink;
  readonly #monotonic: () => number;
  readonly #intervalMs: number;
  readonly #told = new Map<string, { atMs: number; since: number }>();

  constructor(log: Sink, monotonic: () => number, intervalMs = 10_000) {
    this.#log = log;
    this.#monotonic = monotonic;
    this.#intervalMs = intervalMs;
  }

  /** `text` is a constant: it is also the key by which repeats are known. */
  warn(text: string, fields: { readonly address?: string; readonly code?: string } = {}): void {
    this.#tell('warn', text, fields);
  }

  /** The same for what an operator has to do something about. */
  error(text: string, fields: { readonly reason?: string } = {}): void {
    this.#tell('error', text, fields);
  }

  #tell(level: 'warn' | 'error', text: string, fields: object): void {
    const nowMs = this.#monotonic();
    const told = this.#told.get(text);
    if (told !== undefined && nowMs - told.atMs < this.#intervalMs) {
      told.since += 1;
      return;
    }
    this.#log[level]({ ...fields, count: (told?.since ?? 0) + 1 }, text);
    this.#told.set(text, { atMs: nowMs, since: 0 });
  }
}
