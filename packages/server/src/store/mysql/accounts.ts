import { NAME_RULE_VERSION, type UserId } from '@parley/protocol';
import type { AccountStore } from '../../chat/ports/account-store.ts';
import { USER_COLUMNS, type UserRow, userRecord } from '../user-row.ts';
import { failureKind, failureOf } from './failure.ts';
import type { ReadLinks } from './read-links.ts';
import { keyBytes } from './sql.ts';

/** Accounts. Keys are compared as bytes. [NAME-1] Each write is one statement, and nothing that other nodes hold. */
export function createAccounts(links: ReadLinks): AccountStore {
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
    async replacePasswordHash(id, from, to) {
      await links.change('UPDATE user SET password_hash = ? WHERE id = ? AND password_hash = ?', [to, id, from]);
    },
    async setLastSeen(id, atMs) {
      const sql = 'UPDATE user SET last_seen = ? WHERE id = ? AND COALESCE(last_seen, -1) < ?';
      await links.change(sql, [atMs, id, atMs]);
    },
  };
}
