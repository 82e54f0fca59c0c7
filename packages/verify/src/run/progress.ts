import type { Crowd } from '../crowd/crowd.ts';
import { printable } from './printable.ts';
import { wrap } from './wrap.ts';

const EVERY_MS = 1_000;
/** On a pipe a line every so many seconds. */
const RARELY = 10;
const ERASE = '\r\u001B[K';

/** Where progress goes. */
export interface ProgressOptions {
  readonly write: (text: string) => void;
  /** The line's width; undefined: no terminal. */
  readonly columns: () => number | undefined;
}

/** A line about what goes on, once a second: over the last one on a terminal, else below it every ten. */
export class Progress implements Disposable {
  /** What is broken, or done, at the moment. */
  now = '';
  readonly #options: ProgressOptions;
  #begin = 0;
  #timer: NodeJS.Timeout | undefined;
  #lastAcknowledged = 0;
  #ticks = 0;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  /** One line about a step of the run. */
  say(text: string): void {
    this.#write(`${this.#erase}${wrap('', text).join('\n')}\n`);
  }

  watch(crowd: Crowd): void {
    this.#begin = performance.now();
    this.#timer = setInterval(() => this.#show(crowd), EVERY_MS);
  }

  unwatch(): void {
    clearInterval(this.#timer);
    this.#write(this.#erase);
  }

  [Symbol.dispose](): void {
    this.unwatch();
  }

  get #erase(): string {
    return this.#options.columns() === undefined ? '' : ERASE;
  }

  #write(text: string): void {
    if (text !== '') this.#options.write(text);
  }

  #show({ counts, live, devices }: Crowd): void {
    const rate = counts.acknowledged - this.#lastAcknowledged;
    this.#lastAcknowledged = counts.acknowledged;
    this.#ticks += 1;
    const columns = this.#options.columns();
    if (columns === undefined && this.#ticks % RARELY !== 0) return;
    const second = Math.round((performance.now() - this.#begin) / 1_000);
    const figures = `${second} s · ${counts.acknowledged.toLocaleString('en')} messages, ${rate}/s · ${live}/${devices.length} online`;
    const line = this.now === '' ? figures : `${figures} · ${printable(this.now)}`;
    // One column less: a full line would wrap on some terminals.
    this.#write(columns === undefined ? `${line}\n` : ERASE + shortened(line, columns - 1));
  }
}

function shortened(line: string, columns: number): string {
  return line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}…`;
}
