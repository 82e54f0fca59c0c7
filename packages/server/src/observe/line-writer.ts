import { write, writeSync } from 'node:fs';

/** Between two tries of a descriptor that takes nothing for now (EAGAIN), in milliseconds. */
const AGAIN_MS = 50;
/** How often the end of the process tries it. */
const LAST_TRIES = 10;

/**
 * Writes lines to a file descriptor, in order, without anybody waiting. What fails is dropped, and so is what comes
 * while `capacity` characters wait: neither a full disk behind the descriptor nor a reader that has stopped may stop
 * the process, or keep it from ending.
 */
export class LineWriter {
  readonly #fd: number;
  readonly #capacity: number;
  /** Not handed to the system yet. */
  #waiting = '';
  /** The system has something of which it has not said that it is written. */
  #isWriting = false;
  /** It had no room for this. */
  #again: Buffer | undefined;

  constructor(fd: number, capacity: number) {
    this.#fd = fd;
    this.#capacity = capacity;
  }

  write(line: string): void {
    if (this.#waiting.length + line.length > this.#capacity) return;
    this.#waiting += line;
    if (!this.#isWriting) this.#next();
  }

  /** For the end of the process: writes what waits, and does not try for long. */
  flush(): void {
    let rest = Buffer.concat([this.#again ?? Buffer.alloc(0), Buffer.from(this.#waiting)]);
    this.#waiting = '';
    for (let tries = 0; rest.length > 0 && tries < LAST_TRIES; tries += 1) {
      try {
        rest = rest.subarray(writeSync(this.#fd, rest));
      } catch (error) {
        if (!isAgain(error)) return;
        sleep(AGAIN_MS);
      }
    }
  }

  #next(): void {
    const bytes = Buffer.from(this.#waiting);
    this.#waiting = '';
    this.#isWriting = bytes.length > 0;
    if (this.#isWriting) this.#write(bytes);
  }

  #write(bytes: Buffer): void {
    this.#again = undefined;
    write(this.#fd, bytes, (error, written) => {
      if (isAgain(error)) {
        this.#again = bytes;
        setTimeout(() => this.#write(bytes), AGAIN_MS).unref();
      } else if (error === null && written < bytes.length) {
        this.#write(bytes.subarray(written));
      } else {
        this.#next();
      }
    });
  }
}

function isAgain(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
