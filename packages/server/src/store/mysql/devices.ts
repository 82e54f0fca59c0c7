import type { DeviceStore } from '../../chat/ports/device-store.ts';
import type { DeviceId, DeviceRecord } from '../../chat/ports/records.ts';
import { StoreUnavailable } from '../../chat/ports/store.ts';
import { type UserRow, userRecord } from '../user-row.ts';
import { failureOf } from './failure.ts';
import type { ReadLinks } from './read-links.ts';
import type { StateWriters } from './state-writers.ts';

/** Devices that one list shows. */
const LISTED = 500;

const DEVICE_COLUMNS = 'd.id, d.user, d.name, d.created_at AS createdAt, d.last_seen AS lastSeenAt';

/** Knows no revoked devices: to a reader they do not exist. [IDENT-3] Other nodes are told of each that is revoked. */
export function createDevices(links: ReadLinks, writers: StateWriters): DeviceStore {
  async function createDevice({ user, name, tokenHash, atMs }: Parameters<DeviceStore['createDevice']>[0]) {
    try {
      // The lock on the account's row waits for a change of its password, and makes the change wait.
      const sql = `INSERT INTO device (user, name, token_hash, created_at, last_seen)
        SELECT id, ?, ?, ?, ? FROM user WHERE id = ? LOCK IN SHARE MODE`;
      const { insertId } = await links.write(sql, [name, Buffer.from(tokenHash), atMs, atMs, user]);
      // Nobody removes accounts, but an older copy of the database may not have this one.
      if (insertId === 0) throw new StoreUnavailable('the account is not there any more');
      return insertId as DeviceId;
    } catch (error) {
      throw failureOf(error);
    }
  }

  return {
    createDevice,
    async findDevice(tokenHash) {
      const row = await links.first<FoundDevice>(
        `SELECT ${DEVICE_COLUMNS}, u.password_hash AS passwordHash, u.disabled, u.name AS userName,
           u.last_seen AS userSeenAt FROM device d JOIN user u ON u.id = d.user
         WHERE d.token_hash = ? AND d.revoked = 0`,
        [Buffer.from(tokenHash)],
      );
      if (row === undefined) return undefined;
      const { id, user, name, createdAt, lastSeenAt, passwordHash, disabled } = row;
      const owner = { id: user, name: row.userName, passwordHash, disabled, lastSeenAt: row.userSeenAt };
      return { device: { id, user, name, createdAt, lastSeenAt }, user: userRecord(owner) };
    },
    listDevices: (user) =>
      links.rows<DeviceRecord>(
        `SELECT ${DEVICE_COLUMNS} FROM device d WHERE d.user = ? AND d.revoked = 0 ORDER BY d.id DESC LIMIT ${LISTED}`,
        [user],
      ),
    revokeDevice: (user, device) =>
      writers.transact(async (transaction) => {
        const found = await transaction.rows<readonly [DeviceId]>(
          'SELECT id FROM device WHERE id = ? AND user = ? AND revoked = 0 FOR UPDATE',
          [device, user],
        );
        if (found.length === 0) return false;
        transaction.defer('UPDATE device SET revoked = 1 WHERE id = ?', [device]);
        transaction.tell({ revoked: { user, devices: [device] } });
        return true;
      }),
    async touchDevices(devices) {
      // In one order on all nodes: two that touch the same devices must not wait for each other in a circle.
      for (const { device, atMs } of devices.toSorted((one, other) => one.device - other.device)) {
        await links.change('UPDATE device SET last_seen = ? WHERE id = ? AND last_seen < ?', [atMs, device, atMs]);
      }
    },
  };
}

type FoundDevice = DeviceRecord &
  Pick<UserRow, 'passwordHash' | 'disabled'> & { readonly userName: string; readonly userSeenAt: number | null };
