import type { UserId } from '@parley/protocol';
import type { DeviceId, DeviceRecord, UserRecord } from './records.ts';

/** Devices: log-ins with a token. Only a SHA-256 of the token is stored (it is 32 random bytes, so that suffices). */
export interface DeviceStore {
  /** Waits for a change of the password that is under way: the change ends the device, or is there to be read. */
  createDevice(device: { user: UserId; name: string; tokenHash: Uint8Array; atMs: number }): Promise<DeviceId>;
  /** The live device of a token and its account; undefined when unknown or revoked. */
  findDevice(tokenHash: Uint8Array): Promise<{ device: DeviceRecord; user: UserRecord } | undefined>;
  /** Live devices, newest first, 500 at most. */
  listDevices(user: UserId): Promise<DeviceRecord[]>;
  /** False when the user has no such live device. */
  revokeDevice(user: UserId, device: DeviceId): Promise<boolean>;
  /** Notes when devices were last seen, many at once. */
  touchDevices(devices: readonly { readonly device: DeviceId; readonly atMs: number }[]): Promise<void>;
}
