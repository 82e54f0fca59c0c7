import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import type { HistoryRecord } from './record.ts';

const CHUNK_CHARACTERS = 65_536;

/** Writes a history file as it happens. Keeps nothing but what the disk has not taken yet. */
export class HistoryWriter {
  readonly #stream: WriteStream;
  readonly #beginMs = performance.now();
  #chunk = '';
  #lines = 0;
  #error: Error | undefined;

  constructor(file: string) {
    this.#stream = createWriteStream(file);
    this.#stream.on('error', (error) => {
      this.#error ??= error;
    });
  }

  /** Milliseconds since the start, for `t`, in hundredths. */
  now(): number {
    return Math.round((performance.now() - this.#beginMs) * 100) / 100;
  }

  get lines(): number {
    return this.#lines;
  }

  /** Bytes that the disk has not taken. */
  get waitingBytes(): number {
    return this.#stream.writableLength + this.#chunk.length;
  }

  write(record: HistoryRecord): void {
    this.line(JSON.stringify(record));
  }

  /** A record that the caller has written itself; for what happens most often. */
  line(json: string): void {
    this.#chunk += `${json}\n`;
    this.#lines += 1;
    if (this.#chunk.length >= CHUNK_CHARACTERS) this.#flush();
  }

  /** Waits until the disk has taken what was written so far. */
  async settle(): Promise<void> {
    this.#flush();
    if (this.#stream.writableNeedDrain) await once(this.#stream, 'drain');
    if (this.#error) throw this.#error;
  }

  /** @throws Error when the file could not be written */
  async close(): Promise<void> {
    this.#flush();
    await new Promise<void>((resolve) => this.#stream.end(resolve));
    if (this.#error) throw this.#error;
  }

  #flush(): void {
    if (this.#chunk !== '') this.#stream.write(this.#chunk);
    this.#chunk = '';
  }
}
