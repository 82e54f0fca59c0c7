import { randomInt } from 'node:crypto';
import { failureKind, failureOf } from './failure.ts';
import type { Link } from './link.ts';
import type { Links } from './links.ts';
import { type JournalPlace, NOW_MS, Transaction } from './transaction.ts';
import type { WriterList } from './writer-list.ts';

/** Nobody knows whether the transaction was committed. */
export class CommitUnknown extends Error {
  override readonly name = 'CommitUnknown';
  /** Where the journal has a row if it was; undefined for a transaction that tells nothing. */
  readonly place: JournalPlace | undefined;
  /** What it would have returned. */
  readonly result: unknown;

  constructor(cause: unknown, place: JournalPlace | undefined, result: unknown) {
    super(failureOf(cause).message, { cause });
    this.place = place;
    this.result = result;
  }
}

interface Open {
  readonly link: Link;
  readonly id: number;
  /** Of the last row in the journal that was committed. */
  n: number;
}

/**
 * One connection that writes, one transaction after the other, with a place of its own in the journal. Each connection
 * is another writer to those who read the journal, so that one that was lost can never add to what they have read.
 */
export class Writer {
  readonly #links: Links;
  readonly #list: WriterList;
  #open: Open | undefined;

  constructor(links: Links, list: WriterList) {
    this.#links = links;
    this.#list = list;
  }

  /**
   * Runs work in a transaction and commits it. What was written is durable when this returns, and not there when it
   * throws anything else than CommitUnknown; errors of the connector pass as they are.
   */
  async attempt<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const open = await this.#ready();
    const transaction = new Transaction(open.link, open.id);
    let result: T;
    try {
      result = await work(transaction);
    } catch (error) {
      await this.#rollBack(open, transaction);
      throw error;
    }
    await this.#commit(open, transaction, result);
    return result;
  }

  async #commit(open: Open, transaction: Transaction, result: unknown): Promise<void> {
    const place = { writer: open.id, n: open.n + 1 };
    try {
      await transaction.commit(place);
    } catch (error) {
      if (failureKind(error) !== 'lost') {
        await this.#rollBack(open, transaction);
        throw error;
      }
      this.#giveUp(open);
      throw new CommitUnknown(error, transaction.hasNews ? place : undefined, result);
    }
    if (!transaction.hasNews) return;
    open.n = place.n;
    this.#list.wrote(open.id, open.n);
  }

  /** A connection that does not even roll back is cut, and then the server does. */
  async #rollBack(open: Open, transaction: Transaction): Promise<void> {
    if (!transaction.isBegun) return;
    try {
      await open.link.run('ROLLBACK');
    } catch {
      this.#giveUp(open);
    }
  }

  #giveUp(open: Open): void {
    open.link.destroy();
    if (this.#open === open) this.#open = undefined;
    this.#list.gaveUp(open.id, open.n);
  }

  async #ready(): Promise<Open> {
    if (this.#open !== undefined && this.#list.isRetired(this.#open.id)) this.#giveUp(this.#open);
    if (this.#open?.link.isLost === true) this.#giveUp(this.#open);
    this.#open ??= await this.#begin();
    return this.#open;
  }

  async #begin(): Promise<Open> {
    const link = await this.#links.open('write');
    const id = randomInt(1, 2 ** 48 - 1);
    try {
      // Registered before its first row, so that readers look for it.
      await link.run(`INSERT INTO writer (id, seen) VALUES (?, ${NOW_MS})`, [id]);
    } catch (error) {
      // Nobody has it yet, and so nobody else would end it.
      link.destroy();
      throw error;
    }
    this.#list.began(id);
    return { link, id, n: 0 };
  }
}
