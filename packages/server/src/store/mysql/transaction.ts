import { encodeNews, type News } from './journal-row.ts';
import type { Link, Values } from './link.ts';

/** The store's clock in milliseconds, as SQL. */
export const NOW_MS = 'CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)';

/** A place in the journal. */
export interface JournalPlace {
  readonly writer: number;
  readonly n: number;
}

/**
 * A transaction under way. Its first statement begins it, and what is deferred goes out in one flight together with
 * COMMIT: a query of several statements ends at the first that fails, so nothing is committed without the rest.
 */
export class Transaction {
  /** Number of the writer whose connection this is; no other connection has it. */
  readonly writer: number;
  readonly #link: Link;
  #isBegun = false;
  #sql: string[] = [];
  #values: Values[number][] = [];
  #news: News | undefined;

  constructor(link: Link, writer: number) {
    this.#link = link;
    this.writer = writer;
  }

  /** Largest packet that the server takes, in bytes. */
  get maxPacket(): number {
    return this.#link.maxPacket;
  }

  get isBegun(): boolean {
    return this.#isBegun;
  }

  /** Reads, with rows as arrays in the order of the columns. `Row` must be what they hold. */
  async rows<Row extends readonly unknown[]>(sql: string, values: Values): Promise<Row[]> {
    return (await this.#send(sql, values)) as Row[];
  }

  /** Writes at once, and returns the number of the row that was made, if one was. */
  async run(sql: string, values: Values): Promise<number> {
    return ((await this.#send(sql, values)) as { insertId: number }).insertId;
  }

  /** Writes just before COMMIT, in the order of the calls. */
  defer(sql: string, values: Values): void {
    this.#sql.push(sql);
    for (const value of values) this.#values.push(value);
  }

  /** Sends what was deferred now. */
  async flush(): Promise<void> {
    if (this.#sql.length === 0) return;
    const [sql, values] = [this.#sql.join(';'), this.#values];
    this.#sql = [];
    this.#values = [];
    await this.#send(sql, values);
  }

  /** What other nodes must learn of it. */
  tell(news: News): void {
    this.#news = news;
  }

  /** Whether it has something to tell, and so takes the writer's next place in the journal. */
  get hasNews(): boolean {
    return this.#news !== undefined;
  }

  /** The flight that ends it. Once this was called, nobody but the server knows the outcome until it is told. */
  async commit({ writer, n }: JournalPlace): Promise<void> {
    if (this.#news !== undefined) {
      this.defer(`INSERT INTO journal (writer, n, at, what) VALUES (?, ?, ${NOW_MS}, ?)`, [
        writer,
        n,
        encodeNews(this.#news),
      ]);
    }
    this.#sql.push('COMMIT');
    await this.#link.script(this.#sql.join(';'), this.#values);
  }

  async #send(sql: string, values: Values): Promise<unknown> {
    if (this.#isBegun) return this.#link.script(sql, values);
    this.#isBegun = true;
    const results = await this.#link.script(`START TRANSACTION;${sql}`, values);
    return results.length === 2 ? results[1] : results;
  }
}
