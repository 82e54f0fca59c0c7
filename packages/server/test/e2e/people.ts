import { Device } from './device.ts';
import { RawPeer } from './embedded-node.ts';

/** Registers accounts, numbered from 1 on a fresh node, each with one device that is not online yet. */
export async function register<const Names extends readonly string[]>(
  port: number,
  ...names: Names
): Promise<{ [Index in keyof Names]: Device }> {
  const devices: Device[] = [];
  for (const name of names) {
    const peer = await RawPeer.connect(port);
    const { token } = await peer.get('register', { name, password: 'correct horse' });
    peer.close();
    devices.push(new Device(name, String(token)));
  }
  return devices as { [Index in keyof Names]: Device };
}

/** Makes the group #team, which is g1 on a fresh node; everybody joins under the client id `join-NAME`. */
export async function makeTeam(port: number, owner: Device, others: readonly Device[]): Promise<void> {
  for (const device of [owner, ...others]) {
    const peer = await RawPeer.connect(port);
    await peer.get('resume', { token: device.token });
    if (device === owner) await peer.get('createGroup', { name: 'team', clientId: 'make' });
    else await peer.get('join', { group: '#team', clientId: `join-${device.name}` });
    peer.close();
  }
}
