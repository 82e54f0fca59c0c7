import type { UserId } from '@parley/protocol';
import type { DeviceId, UserRecord } from './records.ts';

/** Accounts. Names are compared by key (see `nameKey`), never by the database's collation. */
export interface AccountStore {
  /** Makes an account; undefined when the key is taken. Ids rise from 1 and are never used again. */
  createUser(user: { name: string; key: string; passwordHash: string }): Promise<UserId | undefined>;
  findUser(id: UserId): Promise<UserRecord | undefined>;
  findUserByKey(key: string): Promise<UserRecord | undefined>;
  /**
   * Sets the password's hash and revokes all devices but one, both or neither; returns those that it ended. Sessions
   * without a device have to end, too: see NO_DEVICE.
   */
  changePassword(id: UserId, passwordHash: string, keep: DeviceId): Promise<DeviceId[]>;
  /** Notes when the user's last session ended. Forward only. */
  setLastSeen(id: UserId, atMs: number): Promise<void>;
}
