import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/**
 * At most one process holds it: the one that sends what is in the outbox. It is a lock of the operating system on a
 * file of its own (an exclusive SQLite transaction, the only such lock that Node.js has), so it ends with the process,
 * however that ends.
 */
export class OutboxLock implements Disposable {
  readonly #db: DatabaseSync;
  #isHeld = false;

  /** Makes the file when it is missing. */
  constructor(file: string) {
    closeSync(openSync(file, 'a', 0o600));
    this.#db = new DatabaseSync(file, { timeout: 0 });
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Takes it if nobody has it. */
  tryTake(): boolean {
    if (this.#isHeld) return true;
    try {
      this.#db.exec('BEGIN EXCLUSIVE');
      this.#isHeld = true;
    } catch (error) {
      if (!isBusy(error)) throw error;
    }
    return this.#isHeld;
  }

  [Symbol.dispose](): void {
    this.#isHeld = false;
    this.#db.close();
  }
}

/** SQLITE_BUSY, with its extended codes. */
function isBusy(error: unknown): boolean {
  const { errcode } = error as { errcode?: number };
  return errcode !== undefined && (errcode & 0xff) === 5;
}
