import type { DatabaseSync } from 'node:sqlite';
import type { UserId } from '@parley/protocol';
import { addVersion } from '../versions.ts';
import { prepare } from './statement.ts';

/** The revisions of users' private state, within one transaction. */
export interface Revisions {
  /** The next revision of this user, for one changed row: no two rows of a user share one. */
  next(user: UserId): number;
  /**
   * Writes the counters and returns the users that changed. One version per user and transaction, with a new tag:
   * nobody ever sees a state in between, and a change of many rows must not use up the versions remembered.
   */
  flush(): UserId[];
  /** Forgets what a rolled-back transaction drew. */
  forget(): void;
}

/** Counts from what the rows hold; `next` throws when there is no such user, which is a mistake of ours. */
export function createRevisions(db: DatabaseSync): Revisions {
  const find = prepare<{ rev: number; versions: string }>(db, 'SELECT rev, versions FROM user WHERE id = ?');
  const write = prepare(db, 'UPDATE user SET rev = ?, versions = ? WHERE id = ?');
  const drawn = new Map<UserId, { rev: number; readonly versions: string }>();
  return {
    next(user) {
      let counter = drawn.get(user);
      if (counter === undefined) {
        counter = find.get(user);
        if (counter === undefined) throw new Error(`there is no user ${user}`);
        drawn.set(user, counter);
      }
      counter.rev += 1;
      return counter.rev;
    },
    flush() {
      for (const [user, { rev, versions }] of drawn) {
        write.run(rev, addVersion(versions, rev), user);
      }
      const users = [...drawn.keys()];
      drawn.clear();
      return users;
    },
    forget: () => drawn.clear(),
  };
}
