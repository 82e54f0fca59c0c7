import assert from 'node:assert/strict';
import { checkDelivered, checkLog, checkSent, type Log } from './checkers.ts';
import type { Device } from './device.ts';
import { RawPeer } from './embedded-node.ts';

/** Whole logs by conversation. */
export type Logs = ReadonlyMap<string, Log>;

/** Reads whole logs back, page by page, through a session of its own. */
export async function readLogs(port: number, reader: Device, conversations: readonly string[]): Promise<Logs> {
  const peer = await RawPeer.connect(port);
  await peer.get('resume', { token: reader.token });
  const logs = new Map<string, Log>();
  for (const conversation of conversations) {
    const log: Log[number][] = [];
    for (let more = true; more; ) {
      const page = await peer.get('history', { conversation, after: log.length, limit: 500 });
      log.push(...(page['entries'] as Log));
      more = page['more'] === true;
    }
    logs.set(
      conversation,
      log.map(({ seq, tag, clientId, kind }) => ({ conversation, seq, tag, clientId, kind })),
    );
  }
  peer.close();
  return logs;
}

/** What was acknowledged is stored, once and in order. */
export function assertKept(logs: Logs, authors: readonly Device[]): void {
  const all = [...logs.values()];
  assert.deepEqual(all.flatMap(checkLog), []);
  assert.deepEqual(
    authors.flatMap(({ sent }) => checkSent(sent, all)),
    [],
  );
}

/** Over all of its connections a device was told everything visible to it, once and in order; waits for the rest. */
export async function assertDelivered(logs: Logs, device: Device): Promise<void> {
  const visible = visibleTo(device, logs);
  const wanted = [...visible.values()].reduce((sum, log) => sum + log.length, 0);
  await device.take(({ received }) => received.length >= wanted);
  assert.deepEqual(checkDelivered(device, visible), []);
  assert.deepEqual(device.gaps, []);
}

/** A member sees a group's log from his joining on. */
function visibleTo({ name }: Device, logs: Logs): Logs {
  return new Map(
    [...logs].map(([conversation, log]) => {
      const joined = log.findIndex(({ clientId }) => clientId === `join-${name}`);
      return [conversation, joined === -1 ? log : log.slice(joined)];
    }),
  );
}
