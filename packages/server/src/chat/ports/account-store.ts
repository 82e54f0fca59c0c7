import type { UserId } from '@parley/protocol';
import type { UserRecord } from './records.ts';

/** Accounts. Names are compared by key (see `nameKey`), never by the database's collation. */
export interface AccountStore {
  /** Makes an account; undefined when the key is taken. Ids rise from 1 and are never used again. */
  createUser(user: { name: string; key: string; passwordHash: string }): Promise<UserId | undefined>;
  findUser(id: UserId): Promise<UserRecord | undefined>;
  findUserByKey(key: string): Promise<UserRecord | undefined>;
  /** Nothing happens when the hash is another one than `from` by now. */
  replacePasswordHash(id: UserId, from: string, to: string): Promise<void>;
  /** Notes when the user's last session ended. Forward only. */
  setLastSeen(id: UserId, atMs: number): Promise<void>;
}
