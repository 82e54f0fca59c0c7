import { StoreUnavailable } from '../../chat/ports/store.ts';
import { failureKind, failureOf } from './failure.ts';
import { Pool, type PoolLimits } from './pool.ts';
import type { ReadLinks } from './read-links.ts';
import { type JournalPlace, NOW_MS, type Transaction } from './transaction.ts';
import { CommitUnknown, type Writer } from './writer.ts';

/** How often a transaction is done again because another one was in its way. */
const TRIES = 8;

/** Work read something that another transaction has changed before it could lock it: do it again. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/**
 * Runs all transactions but the log's. Their order of locks, and the log's: heads by id, users by id, then the rest; so
 * they can wait for each other, but not in a circle.
 */
export class StateWriters {
  readonly #writers: Pool<Writer>;
  readonly #reads: ReadLinks;

  constructor(writers: readonly Writer[], reads: ReadLinks, limits: PoolLimits) {
    this.#writers = new Pool(writers, limits);
    this.#reads = reads;
  }

  /**
   * Runs work in one transaction; again when it was in another one's way, so it must do nothing but read and write.
   * @throws {StoreUnavailable} nothing of it is stored; or, when a COMMIT went without an answer and the database cannot be
   * asked now, maybe all of it
   */
  transact<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.#writers.use(async (writer) => {
      for (let tries = 1; ; tries += 1) {
        try {
          return await writer.attempt(work);
        } catch (error) {
          if (error instanceof CommitUnknown) return (await this.#resolve(error)) as T;
          if (!isPassing(error)) throw failureOf(error);
          if (tries === TRIES) throw new StoreUnavailable('other transactions are in the way', { cause: error });
        }
      }
    });
  }

  /**
   * Takes the transaction's place in the journal. It was committed if that is taken; and if it was not, it never will
   * be, because its own row has no place any more.
   */
  async #resolve({ place, result, message }: CommitUnknown): Promise<unknown> {
    if (place === undefined || !(await this.#isTaken(place))) throw new StoreUnavailable(message);
    return result;
  }

  async #isTaken({ writer, n }: JournalPlace): Promise<boolean> {
    try {
      await this.#reads.write(`INSERT INTO journal (writer, n, at, what) VALUES (?, ?, ${NOW_MS}, '{}')`, [writer, n]);
      return false;
    } catch (error) {
      if (failureKind(error) === 'duplicate') return true;
      throw failureOf(error);
    }
  }
}

function isPassing(error: unknown): boolean {
  if (error instanceof Overtaken) return true;
  const kind = failureKind(error);
  return kind === 'deadlock' || kind === 'locked' || kind === 'duplicate';
}
