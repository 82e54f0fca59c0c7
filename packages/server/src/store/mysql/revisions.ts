import type { UserId } from '@parley/protocol';
import { addVersion } from '../versions.ts';
import { placeholders } from './sql.ts';
import type { Transaction } from './transaction.ts';

type UserRow = readonly [id: UserId, rev: number, versions: string];

/** The revisions of some users' private state, within one transaction, under the locks of their rows. */
export class Revisions {
  readonly #counters = new Map<UserId, { rev: number; readonly versions: string }>();
  readonly #drawn = new Set<UserId>();

  private constructor(rows: readonly UserRow[]) {
    for (const [id, rev, versions] of rows) this.#counters.set(id, { rev, versions });
  }

  /** Locks the users in the order of their numbers. Who is missing there is no user. */
  static async lock(transaction: Transaction, users: Iterable<UserId>): Promise<Revisions> {
    const wanted = [...new Set(users)].sort((one, other) => one - other);
    if (wanted.length === 0) return new Revisions([]);
    const sql = `SELECT id, rev, versions FROM user FORCE INDEX (PRIMARY) WHERE id IN ${placeholders(wanted.length)}
      ORDER BY id FOR UPDATE`;
    return new Revisions(await transaction.rows<UserRow>(sql, wanted));
  }

  has(user: UserId): boolean {
    return this.#counters.has(user);
  }

  /** The next revision of this user, for one changed row: no two rows of a user share one. */
  next(user: UserId): number {
    const counter = this.#counters.get(user);
    if (counter === undefined) throw new Error(`user ${user} is not locked`);
    counter.rev += 1;
    this.#drawn.add(user);
    return counter.rev;
  }

  /**
   * Has the counters written, and returns the users that changed. One version per user and transaction, with a new tag:
   * nobody ever sees a state in between, and a change of many rows must not use up the versions remembered.
   */
  flush(transaction: Transaction): UserId[] {
    const users = [...this.#drawn];
    if (users.length === 0) return users;
    const rows = users.map((user) => {
      const { rev = 0, versions = '[]' } = this.#counters.get(user) ?? {};
      return [user, rev, addVersion(versions, rev)];
    });
    transaction.defer(
      `UPDATE JSON_TABLE(?, '$[*]' COLUMNS (id INT PATH '$[0]', rev BIGINT PATH '$[1]',
           versions VARCHAR(2000) CHARACTER SET ascii PATH '$[2]')) changed
         STRAIGHT_JOIN user u ON u.id = changed.id
       SET u.rev = changed.rev, u.versions = changed.versions`,
      [JSON.stringify(rows)],
    );
    return users;
  }
}
