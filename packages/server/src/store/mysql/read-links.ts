import { failureKind, failureOf } from './failure.ts';
import type { Done, Link, Values } from './link.ts';
import type { Links } from './links.ts';
import { Pool, type PoolLimits } from './pool.ts';

/** A place for a connection, which is opened when it is first used, and again when it was lost. */
class Seat {
  readonly #links: Links;
  #link: Link | undefined;

  constructor(links: Links) {
    this.#links = links;
  }

  async sit(): Promise<Link> {
    if (this.#link === undefined || this.#link.isLost) this.#link = await this.#links.open('read');
    return this.#link;
  }
}

/** Connections for reads, and for writes of a single statement that no other node must learn of. */
export class ReadLinks {
  readonly #seats: Pool<Seat>;

  constructor(links: Links, size: number, limits: PoolLimits) {
    this.#seats = new Pool(
      Array.from({ length: size }, () => new Seat(links)),
      limits,
    );
  }

  /**
   * Runs reads on one connection; once more when it was lost, for the server may have ended it while it was idle.
   * @throws {StoreUnavailable}
   */
  use<T>(work: (link: Link) => Promise<T>): Promise<T> {
    return this.#seats.use(async (seat) => {
      try {
        try {
          return await work(await seat.sit());
        } catch (error) {
          if (failureKind(error) !== 'lost') throw error;
          return await work(await seat.sit());
        }
      } catch (error) {
        throw failureOf(error);
      }
    });
  }

  rows<Row>(sql: string, values: Values): Promise<Row[]> {
    return this.use((link) => link.rows<Row>(sql, values));
  }

  async first<Row>(sql: string, values: Values): Promise<Row | undefined> {
    const [row] = await this.rows<Row>(sql, values);
    return row;
  }

  /**
   * Runs reads that must see one state of everything.
   * @throws {StoreUnavailable}
   */
  snapshot<T>(work: (link: Link) => Promise<T>): Promise<T> {
    return this.use(async (link) => {
      try {
        const [, result] = await Promise.all([link.run('START TRANSACTION READ ONLY'), work(link)]);
        await link.run('COMMIT');
        return result;
      } catch (error) {
        // Whatever is asked on it next must not see the old state.
        link.destroy();
        throw error;
      }
    });
  }

  /**
   * One statement that writes, a transaction of its own; may be repeated after a deadlock, never after a lost connection.
   * Errors pass as they are.
   */
  write(sql: string, values: Values): Promise<Done> {
    return this.#seats.use(async (seat) => {
      const link = await seat.sit();
      for (let tries = 1; ; tries += 1) {
        try {
          return await link.run(sql, values);
        } catch (error) {
          if (failureKind(error) !== 'deadlock' || tries === 5) throw error;
        }
      }
    });
  }

  /**
   * The same, for a statement that may be repeated without harm, and so is when the connection was lost.
   * @throws {StoreUnavailable}
   */
  async change(sql: string, values: Values): Promise<Done> {
    try {
      return await this.write(sql, values).catch((error: unknown) => {
        if (failureKind(error) !== 'lost') throw error;
        return this.write(sql, values);
      });
    } catch (error) {
      throw failureOf(error);
    }
  }
}
