import type { UserId } from '@parley/protocol';
import type { DeviceId, UserRecord } from './records.ts';

/** A new password, if the old one still is what it was. */
export interface PasswordChange {
  readonly user: UserId;
  /** The hash that was verified. */
  readonly from: string;
  readonly to: string;
  /** The device that goes on. */
  readonly keep: DeviceId;
}

/** Accounts. Names are compared by key (see `nameKey`), never by the database's collation. */
export interface AccountStore {
  /** Makes an account; undefined when the key is taken. Ids rise from 1 and are never used again. */
  createUser(user: { name: string; key: string; passwordHash: string }): Promise<UserId | undefined>;
  findUser(id: UserId): Promise<UserRecord | undefined>;
  findUserByKey(key: string): Promise<UserRecord | undefined>;
  /**
   * Replaces the password's hash and revokes all devices but one, both or neither; returns those that it ended.
   * Undefined, and nothing is done: the hash is another one by now. Sessions without a device have to end, too: see
   * NO_DEVICE.
   */
  changePassword(change: PasswordChange): Promise<DeviceId[] | undefined>;
  /** Notes when the user's last session ended. Forward only. */
  setLastSeen(id: UserId, atMs: number): Promise<void>;
}
