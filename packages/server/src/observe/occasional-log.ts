import type { Logger } from './log.ts';

/**
 * For what may happen thousands of times a second: says it at once, then once per interval with how often it
 * happened since, so that a flood of peers cannot become a flood of lines.
 */
export class OccasionalLog {
  readonly #log: Logger;
  readonly #monotonic: () => number;
  readonly #intervalMs: number;
  readonly #told = new Map<string, { atMs: number; since: number }>();

  constructor(log: Logger, monotonic: () => number, intervalMs = 10_000) {
    this.#log = log;
    this.#monotonic = monotonic;
    this.#intervalMs = intervalMs;
  }

  /** `text` is a constant: it is also the key by which repeats are known. */
  warn(text: string, fields: { readonly address?: string; readonly code?: string } = {}): void {
    const nowMs = this.#monotonic();
    const told = this.#told.get(text);
    if (told !== undefined && nowMs - told.atMs < this.#intervalMs) {
      told.since += 1;
      return;
    }
    this.#log.warn({ ...fields, count: (told?.since ?? 0) + 1 }, text);
    this.#told.set(text, { atMs: nowMs, since: 0 });
  }
}
