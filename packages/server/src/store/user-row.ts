import type { UserId } from '@parley/protocol';
import type { UserRecord } from '../chat/ports/records.ts';

/** A user's columns under the names of UserRecord. */
export const USER_COLUMNS = 'u.id, u.name, u.password_hash AS passwordHash, u.disabled, u.last_seen AS lastSeenAt';

export interface UserRow {
  readonly id: UserId;
  readonly name: string;
  readonly passwordHash: string;
  readonly disabled: number;
  readonly lastSeenAt: number | null;
}

/** The row as the port has it; the databases have no booleans. */
export function userRecord({ id, name, passwordHash, disabled, lastSeenAt }: UserRow): UserRecord {
  return { id, name, passwordHash, disabled: disabled !== 0, lastSeenAt };
}
