import { NAME_RULE_VERSION, type UserId } from '@parley/protocol';
import type { AccountStore } from '../../chat/ports/account-store.ts';
import { type DeviceId, NO_DEVICE } from '../../chat/ports/records.ts';
import { USER_COLUMNS, type UserRow, userRecord } from '../user-row.ts';
import { failureKind, failureOf } from './failure.ts';
import type { ReadLinks } from './read-links.ts';
import { keyBytes, placeholders } from './sql.ts';
import type { StateWriters } from './state-writers.ts';

/** Accounts. Keys are compared as bytes. [NAME-1] Other nodes are told of the devices that a new password ends. */
export function createAccounts(links: ReadLinks, writers: StateWriters): AccountStore {
  const optional = (row: UserRow | undefined) => (row === undefined ? undefined : userRecord(row));

  async function createUser({ name, key, passwordHash }: Parameters<AccountStore['createUser']>[0]) {
    try {
      const { insertId } = await links.write(
        'INSERT INTO user (name, name_key, key_rule, password_hash) VALUES (?, ?, ?, ?)',
        [name, keyBytes(key), NAME_RULE_VERSION, passwordHash],
      );
      return insertId as UserId;
    } catch (error) {
      if (failureKind(error) === 'duplicate') return undefined;
      throw failureOf(error);
    }
  }

  return {
    createUser,
    findUser: async (id) =>
      optional(await links.first<UserRow>(`SELECT ${USER_COLUMNS} FROM user u WHERE u.id = ?`, [id])),
    findUserByKey: async (key) =>
      optional(await links.first<UserRow>(`SELECT ${USER_COLUMNS} FROM user u WHERE u.name_key = ?`, [keyBytes(key)])),
    changePassword: ({ user, from, to, keep }) =>
      writers.transact(async (transaction) => {
        // First, because its lock is what a log-in waits for: see createDevice.
        const [row] = await transaction.rows<readonly [string]>(
          'SELECT password_hash FROM user WHERE id = ? FOR UPDATE',
          [user],
        );
        if (row?.[0] !== from) return undefined;
        await transaction.run('UPDATE user SET password_hash = ? WHERE id = ?', [to, user]);
        const found = await transaction.rows<readonly [DeviceId]>(
          'SELECT id FROM device WHERE user = ? AND revoked = 0 AND id <> ? ORDER BY id FOR UPDATE',
          [user, keep],
        );
        const devices = found.map(([device]) => device);
        if (devices.length > 0) {
          transaction.defer(`UPDATE device SET revoked = 1 WHERE id IN ${placeholders(devices.length)}`, devices);
        }
        // Whoever has no device may be on another node, and is in no row.
        transaction.tell({ revoked: { user, devices: [...devices, NO_DEVICE] } });
        return devices;
      }),
    async setLastSeen(id, atMs) {
      const sql = 'UPDATE user SET last_seen = ? WHERE id = ? AND COALESCE(last_seen, -1) < ?';
      await links.change(sql, [atMs, id, atMs]);
    },
  };
}
