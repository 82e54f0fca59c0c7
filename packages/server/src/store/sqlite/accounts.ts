import type { DatabaseSync } from 'node:sqlite';
import { NAME_RULE_VERSION, type UserId } from '@parley/protocol';
import type { AccountStore } from '../../chat/ports/account-store.ts';
import type { DeviceId, UserRecord } from '../../chat/ports/records.ts';
import { USER_COLUMNS, type UserRow, userRecord } from '../user-row.ts';
import { insertedId, keyBytes, prepare } from './statement.ts';
import type { Sync } from './sync.ts';
import type { Read, Write } from './transaction.ts';

export type AccountReads = Sync<AccountStore, 'findUser' | 'findUserByKey'>;

/** Finds accounts, each in one snapshot. Keys are compared as bytes. [NAME-1] */
export function createAccountReads(db: DatabaseSync, read: Read): AccountReads {
  const byId = prepare<UserRow>(db, `SELECT ${USER_COLUMNS} FROM user u WHERE u.id = ?`);
  const byKey = prepare<UserRow>(db, `SELECT ${USER_COLUMNS} FROM user u WHERE u.name_key = ?`);
  const recordOf = (row: UserRow | undefined): UserRecord | undefined => (row === undefined ? row : userRecord(row));
  return {
    findUser: (id) => read(() => recordOf(byId.get(id))),
    findUserByKey: (key) => read(() => recordOf(byKey.get(keyBytes(key)))),
  };
}

export type AccountWrites = Sync<AccountStore, 'createUser' | 'changePassword' | 'setLastSeen'>;

/** Each call is a transaction of its own. Last seen only moves forward, in milliseconds since 1970. */
export function createAccountWrites(db: DatabaseSync, write: Write): AccountWrites {
  const insert = prepare(
    db,
    `INSERT INTO user (name, name_key, key_rule, password_hash) VALUES (?, ?, ?, ?)
     ON CONFLICT (name_key) DO NOTHING`,
  );
  const replaceHash = prepare(db, 'UPDATE user SET password_hash = ? WHERE id = ? AND password_hash = ?');
  const revokeOthers = prepare<{ id: DeviceId }>(
    db,
    'UPDATE device SET revoked = 1 WHERE user = ? AND revoked = 0 AND id <> ? RETURNING id',
  );
  const setLastSeen = prepare(db, 'UPDATE user SET last_seen = ?1 WHERE id = ?2 AND coalesce(last_seen, -1) < ?1');
  return {
    createUser: ({ name, key, passwordHash }) =>
      write(() => {
        const result = insert.run(name, keyBytes(key), NAME_RULE_VERSION, passwordHash);
        return result.changes === 0 ? undefined : (insertedId(result) as UserId);
      }),
    changePassword: ({ user, from, to, keep }) =>
      write(() => {
        if (replaceHash.run(to, user, from).changes === 0) return undefined;
        return revokeOthers.all(user, keep).map((device) => device.id);
      }),
    setLastSeen: (id, atMs) => write(() => void setLastSeen.run(atMs, id)),
  };
}
