import type { BusEvent } from '../../chat/ports/bus.ts';
import type { Journal, JournalNews } from '../../chat/ports/journal.ts';
import { decodeNews } from './journal-row.ts';
import type { Link } from './link.ts';
import type { ReadLinks } from './read-links.ts';
import { placeholderRows } from './sql.ts';
import { NOW_MS } from './transaction.ts';
import type { WriterList } from './writer-list.ts';

/** Rows that one statement reads. */
const ROWS = 2_000;

/** News of one read; with more it is quicker to begin anew, and memory is bounded. */
const EVENTS = 100_000;

/** The part of the time that rows live for which it is relied on that they do. */
const TRUSTED = 0.9;

interface Row {
  readonly writer: number;
  readonly n: number;
  readonly what: string;
}

/** The last row read, by writer. */
type Positions = Map<number, number>;

interface Latest {
  readonly rows: ReadonlyMap<number, number>;
  readonly atMs: number;
}

const NONE: Latest = { rows: new Map(), atMs: 0 };

/**
 * Reads what other nodes committed.
 *
 * A writer commits its rows one after the other, so there is no hole to wait for: where one is missing it was deleted.
 * Writers that appear later begin at 0. Of this node's own writers it only looks whether their last row is still there;
 * one that was given up counts as another node's from its last known row on, for its COMMIT may have come through.
 *
 * The rows that were read last must still be there as well: a node that wrote nothing notices so that an older copy of the
 * database took over. [TAG-1]
 */
export class JournalReader implements Journal {
  readonly #links: ReadLinks;
  readonly #own: WriterList;
  readonly #keptMs: number;
  /** Undefined before the first read. */
  #positions: Positions | undefined;
  /** By the store's clock. */
  #readAtMs = 0;
  /** The last row of each writer in the last read that brought any, and when that was by the store's clock. */
  #latest: Latest = NONE;
  /** What was found, and is told as soon as new positions could be taken. */
  #found: 'forked' | 'behind' | undefined;

  /** `keptMs`: how long rows live; who has not read for nearly as long cannot know what was deleted. */
  constructor(links: ReadLinks, own: WriterList, keptMs: number) {
    this.#links = links;
    this.#own = own;
    this.#keptMs = keptMs;
  }

  read(): Promise<JournalNews> {
    return this.#links.use(async (link) => {
      const isGoingOn = this.#positions !== undefined && this.#found === undefined;
      const news = isGoingOn ? await this.#readOn(link, this.#positions as Positions) : undefined;
      if (news !== undefined) return news;
      await this.#begin(link);
      const found = this.#found;
      this.#found = undefined;
      return found === undefined ? { state: 'news', events: [] } : { state: found };
    });
  }

  async #begin(link: Link): Promise<void> {
    this.#own.takeEnded();
    this.#latest = NONE;
    const rows = await link.rows<{ id: number; n: number | null; nowMs: number }>(
      `SELECT w.id, (SELECT j.n FROM journal j WHERE j.writer = w.id ORDER BY j.n DESC LIMIT 1) AS n, ${NOW_MS} AS nowMs
       FROM writer w`,
    );
    this.#positions = new Map(rows.map(({ id, n }) => [id, n ?? 0]));
    this.#readAtMs = rows[0]?.nowMs ?? 0;
  }

  /** Undefined: it has to begin anew. */
  async #readOn(link: Link, positions: Positions): Promise<JournalNews | undefined> {
    const before = new Map([...this.#latest.rows, ...this.#own.committed()]);
    const [there, writers] = await Promise.all([countRows(link, before), readWriters(link)]);
    const nowMs = writers[0]?.nowMs ?? this.#readAtMs;
    const isForked = there < before.size;
    if (isForked) this.#own.retireAll();
    const isLate = this.#readAtMs !== 0 && nowMs - this.#readAtMs > this.#keptMs * TRUSTED;
    this.#meet(
      positions,
      writers.map(({ id }) => id),
    );
    const events = isForked || isLate ? undefined : await this.#readRows(link, positions, nowMs);
    if (events !== undefined) {
      this.#readAtMs = nowMs;
      // Later they may be deleted: they were read when they had lived for the first part of their time at most.
      if (nowMs - this.#latest.atMs > this.#keptMs * (1 - TRUSTED)) this.#latest = NONE;
      return { state: 'news', events };
    }
    this.#found = isForked ? 'forked' : 'behind';
    return undefined;
  }

  /** Takes in writers that are new, and forgets those that are no more, or are this node's own. */
  #meet(positions: Positions, writers: readonly number[]): void {
    for (const [id, n] of this.#own.takeEnded()) positions.set(id, n);
    const known = new Set(writers);
    for (const id of positions.keys()) if (!known.has(id)) positions.delete(id);
    for (const id of known) if (!positions.has(id)) positions.set(id, 0);
    for (const id of this.#own.living().keys()) positions.delete(id);
  }

  /** Undefined when a row is missing, or there are too many. */
  async #readRows(link: Link, positions: Positions, atMs: number): Promise<BusEvent[] | undefined> {
    const events: BusEvent[] = [];
    // What is read counts only when all of it is: a read that fails is done again from where it began.
    const reached = new Map(positions);
    for (;;) {
      const rows = await selectRows(link, reached);
      for (const { writer, n, what } of rows) {
        if (n !== (reached.get(writer) ?? 0) + 1) return undefined;
        reached.set(writer, n);
        for (const event of decodeNews(what)) events.push(event);
      }
      if (events.length > EVENTS) return undefined;
      if (rows.length < ROWS) break;
    }
    const rows = new Map([...reached].filter(([id, n]) => n > (positions.get(id) ?? 0)));
    if (rows.size > 0) this.#latest = { rows, atMs };
    for (const [id, n] of rows) positions.set(id, n);
    return events;
  }
}

function readWriters(link: Link): Promise<{ id: number; nowMs: number }[]> {
  return link.rows(`SELECT id, ${NOW_MS} AS nowMs FROM writer`);
}

/** How many of the rows that were committed are there. */
async function countRows(link: Link, places: ReadonlyMap<number, number>): Promise<number> {
  if (places.size === 0) return 0;
  const [row] = await link.rows<{ count: number }>(
    `SELECT COUNT(*) AS count FROM journal WHERE (writer, n) IN (${placeholderRows(places.size, 2)})`,
    [...places].flat(),
  );
  return row?.count ?? 0;
}

async function selectRows(link: Link, positions: Positions): Promise<Row[]> {
  if (positions.size === 0) return [];
  const after = [...positions].map(() => '(writer = ? AND n > ?)').join(' OR ');
  return link.rows<Row>(
    `SELECT writer, n, what FROM journal WHERE ${after} ORDER BY writer, n LIMIT ${ROWS}`,
    [...positions].flat(),
  );
}
