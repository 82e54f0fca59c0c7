import type { Tag } from '@parley/protocol';
import { type BusEvent, type Journal, type JournalNews, StoreUnavailable } from '@parley/server/ports';
import { type Host, Link, type SimDatabase } from './database.ts';
import type { OwnWriters } from './own-writers.ts';
import type { JournalRow, Tables } from './tables.ts';

/** Reads what other nodes committed, by the rules of the MySQL store's reader. */
export class SimJournal implements Journal {
  readonly #database: SimDatabase;
  readonly #host: Host;
  readonly #own: OwnWriters;
  readonly #forgetsReadRows: boolean;
  /** The last row read, by writer; undefined before the first read. */
  #positions: Map<number, number> | undefined;
  /** The last row of each writer in the last read that brought any. */
  #latest: readonly JournalRow[] = [];
  /** It was found, and is told as soon as new positions could be taken. */
  #isForked = false;

  /** `forgetsReadRows`, by mistake: the rows read last are not asked for. */
  constructor(
    database: SimDatabase,
    host: Host,
    { own, forgetsReadRows = false }: { own: OwnWriters; forgetsReadRows?: boolean | undefined },
  ) {
    this.#forgetsReadRows = forgetsReadRows;
    this.#database = database;
    this.#host = host;
    this.#own = own;
  }

  /** Whether it knows a row that this journal does not have. */
  knowsMoreThan(journal: readonly JournalRow[]): boolean {
    const isThere = ({ writer, n }: JournalRow) => journal.some((row) => row.writer === writer && row.n === n);
    return !this.#latest.every(isThere) || this.#own.knowsMoreThan(journal);
  }

  async read(): Promise<JournalNews> {
    if (this.#positions === undefined || this.#isForked) {
      await this.#begin();
      const isForked = this.#isForked;
      this.#isForked = false;
      return isForked ? { state: 'forked' } : { state: 'news', events: [] };
    }
    const latest = (this.#forgetsReadRows ? [] : this.#latest).map(({ writer, n }): [number, number] => [writer, n]);
    const before = new Map([...latest, ...this.#own.committed()]);
    const { isForked, writers } = await this.#run('writers', ({ journal, writers }) => ({
      isForked: [...before].some(([writer, n]) => !journal.some((row) => row.writer === writer && row.n === n)),
      writers: [...writers],
    }));
    if (isForked) {
      this.#own.retireAll();
      this.#isForked = true;
      return this.read();
    }
    this.#meet(this.#positions, writers);
    const rows = await this.#run('journal', ({ journal }) => newRows(journal, this.#positions));
    for (const { writer, n } of rows) this.#positions.set(writer, n);
    if (rows.length > 0) this.#latest = [...new Map(rows.map((row) => [row.writer, row])).values()];
    return { state: 'news', events: rows.flatMap(eventsOf) };
  }

  async #begin(): Promise<void> {
    this.#own.takeEnded();
    this.#latest = [];
    const last = await this.#run('positions of writers', ({ writers, journal }) => {
      const lastOf = (writer: number) =>
        Math.max(0, ...journal.filter((row) => row.writer === writer).map(({ n }) => n));
      return [...writers].map((writer): [number, number] => [writer, lastOf(writer)]);
    });
    this.#positions = new Map(last);
  }

  #meet(positions: Map<number, number>, writers: readonly number[]): void {
    for (const [writer, n] of this.#own.takeEnded()) positions.set(writer, n);
    for (const writer of positions.keys()) if (!writers.includes(writer)) positions.delete(writer);
    for (const writer of writers) if (!positions.has(writer)) positions.set(writer, 0);
    for (const writer of this.#own.living().keys()) positions.delete(writer);
  }

  async #run<T>(label: string, read: (tables: Tables) => T): Promise<T> {
    const link = new Link(this.#database, this.#host, 'journal');
    try {
      return await link.run(label, () => read(this.#database.tables));
    } catch {
      throw new StoreUnavailable('simulated');
    } finally {
      link.close();
    }
  }
}

function newRows(journal: readonly JournalRow[], positions: ReadonlyMap<number, number> | undefined): JournalRow[] {
  const isNew = ({ writer, n }: JournalRow) => n > (positions?.get(writer) ?? Number.POSITIVE_INFINITY);
  return journal.filter(isNew).toSorted((one, other) => one.writer - other.writer || one.n - other.n);
}

function eventsOf({ heads, users, revoked }: JournalRow): BusEvent[] {
  const events: BusEvent[] = heads.map(({ conversation, seq, tag }) => {
    return { kind: 'entries', conversation, prevTag: 0 as Tag, entries: [], seq, tag };
  });
  if (users.length > 0) events.push({ kind: 'users', users });
  if (revoked !== undefined) events.push({ kind: 'revoked', ...revoked });
  return events;
}
