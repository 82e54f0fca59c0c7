import type { Crowd } from '../crowd/crowd.ts';

const EVERY_MS = 1_000;

/** A line about what goes on, once a second: over the last one on a terminal, else below it every ten. */
export class Progress implements Disposable {
  /** What is broken at the moment. */
  fault: string | undefined;
  readonly #write: (text: string) => void;
  readonly #isTerminal: boolean;
  readonly #begin = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #lastAcknowledged = 0;
  #ticks = 0;

  constructor({ write, isTerminal }: { write: (text: string) => void; isTerminal: boolean }) {
    this.#write = write;
    this.#isTerminal = isTerminal;
  }

  /** One line about a step of the run. */
  say(text: string): void {
    this.#write(`${this.#isTerminal ? '\r\u001B[K' : ''}${text}\n`);
  }

  watch(crowd: Crowd): void {
    this.#timer = setInterval(() => this.#show(crowd), EVERY_MS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    if (this.#isTerminal) this.#write('\r\u001B[K');
  }

  #show(crowd: Crowd): void {
    const { acknowledged, delivered, refused } = crowd.counts;
    const rate = acknowledged - this.#lastAcknowledged;
    this.#lastAcknowledged = acknowledged;
    this.#ticks += 1;
    if (!this.#isTerminal && this.#ticks % 10 !== 0) return;
    const second = Math.round((performance.now() - this.#begin) / 1_000);
    const line = `${second} s: ${acknowledged} acknowledged (${rate}/s), ${delivered} delivered, ${refused} refused, ${crowd.live}/${crowd.devices.length} online${this.fault === undefined ? '' : ` · ${this.fault}`}`;
    this.#write(this.#isTerminal ? `\r\u001B[K${line.slice(0, 150)}` : `${line}\n`);
  }
}
