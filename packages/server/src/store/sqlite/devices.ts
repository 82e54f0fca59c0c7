import type { DatabaseSync } from 'node:sqlite';
import type { DeviceStore } from '../../chat/ports/device-store.ts';
import type { DeviceId, DeviceRecord } from '../../chat/ports/records.ts';
import { USER_COLUMNS, type UserRow, userRecord } from '../user-row.ts';
import { insertedId, prepare } from './statement.ts';
import type { Sync } from './sync.ts';
import type { Read, Write } from './transaction.ts';

/** Devices that one list shows. */
const LISTED = 500;

const DEVICE_COLUMNS = 'd.id, d.user, d.name, d.created_at AS createdAt, d.last_seen AS lastSeenAt';

export type DeviceReads = Sync<DeviceStore, 'findDevice' | 'listDevices'>;

/** Knows no revoked devices: to a reader they do not exist. [IDENT-3] Lists the newest 500. */
export function createDeviceReads(db: DatabaseSync, read: Read): DeviceReads {
  const byToken = prepare<DeviceRecord>(
    db,
    `SELECT ${DEVICE_COLUMNS} FROM device d WHERE d.token_hash = ? AND d.revoked = 0`,
  );
  const owner = prepare<UserRow>(db, `SELECT ${USER_COLUMNS} FROM user u WHERE u.id = ?`);
  const ofUser = prepare<DeviceRecord>(
    db,
    `SELECT ${DEVICE_COLUMNS} FROM device d WHERE d.user = ? AND d.revoked = 0 ORDER BY d.id DESC LIMIT ${LISTED}`,
  );
  return {
    findDevice: (tokenHash) =>
      read(() => {
        const device = byToken.get(tokenHash);
        const user = device === undefined ? undefined : owner.get(device.user);
        return device === undefined || user === undefined ? undefined : { device, user: userRecord(user) };
      }),
    listDevices: (user) => read(() => ofUser.all(user)),
  };
}

export type DeviceWrites = Sync<DeviceStore, 'createDevice' | 'revokeDevice' | 'touchDevices'>;

/** Each call is a transaction of its own. A device is revoked, never removed, and only by its own account. */
export function createDeviceWrites(db: DatabaseSync, write: Write): DeviceWrites {
  const insert = prepare(
    db,
    'INSERT INTO device (user, name, token_hash, created_at, last_seen) VALUES (?1, ?2, ?3, ?4, ?4)',
  );
  const revoke = prepare(db, 'UPDATE device SET revoked = 1 WHERE id = ? AND user = ? AND revoked = 0');
  const touch = prepare(db, 'UPDATE device SET last_seen = ?1 WHERE id = ?2 AND last_seen < ?1');
  return {
    createDevice: ({ user, name, tokenHash, atMs }) =>
      write(() => insertedId(insert.run(user, name, tokenHash, atMs)) as DeviceId),
    revokeDevice: (user, device) => write(() => revoke.run(device, user).changes !== 0),
    touchDevices: (devices) =>
      write(() => {
        for (const { device, atMs } of devices) touch.run(atMs, device);
      }),
  };
}
