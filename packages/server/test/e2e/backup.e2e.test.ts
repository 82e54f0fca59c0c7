import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { Device } from './device.ts';
import { RawPeer } from './embedded-node.ts';
import { assertDelivered, assertKept, readLogs } from './logs.ts';
import { makeTeam, register } from './people.ts';
import { RealNode, temporaryFolder } from './real-node.ts';

const README = path.join(import.meta.dirname, '../../../../README.md');
const MIB = 1_048_576;

/** The command that README gives for a copy of a running server's database, with this Node.js. */
function documentedBackup(): string {
  const command = /^`(.* -e ".*backup.*".*)` makes/m.exec(readFileSync(README, 'utf8'))?.[1];
  assert.ok(command?.includes('node_modules/.bin/node') === true, 'README says how to back up a running server');
  return command.replace('node_modules/.bin/node', `'${process.execPath}'`);
}

/** Sends without a pause, some at a time, until it is stopped. */
function keepSending(device: Device, text: string): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const done = (async () => {
    while (!stopping.signal.aborted) {
      for (let count = 0; count < 50; count += 1) device.send('#team', text);
      await device.take(({ unsettled }) => unsettled.length === 0);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await done;
    },
  };
}

test('[DELIV-1] [TAG-1] a backup of a running server, made as README says, is whole, and clients go on from it', async (t) => {
  const folder = temporaryFolder(t);
  // README's command is for the folder in which the server was started.
  const node = await RealNode.start(t, { folder: path.join(folder, 'data') });
  const [ann, ben] = await register(node.port, 'ann', 'ben');
  await makeTeam(node.port, ann, [ben]);
  for (const device of [ann, ben]) await device.online(node.port);
  const sending = keepSending(ann, 'x'.repeat(500));
  await ann.take(({ acked }) => acked > 500);
  const ackedBefore = ann.acked;
  ben.offline();
  const backup = spawn('sh', ['-c', documentedBackup()], { cwd: folder, stdio: ['ignore', 'ignore', 2] });
  assert.deepEqual(await once(backup, 'close'), [0, null]);
  await sending.stop();
  ann.offline();
  assert.equal(await node.stop(), 0);

  const copy = path.join(folder, 'data/backup.db');
  assert.equal(statSync(copy).mode & 0o777, 0o600, 'nobody else can read it');
  const db = new DatabaseSync(copy);
  assert.deepEqual({ ...db.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' });
  db.close();
  const restored = path.join(temporaryFolder(t), 'data');
  mkdirSync(restored);
  renameSync(copy, path.join(restored, 'parley.db'));
  const again = await RealNode.start(t, { folder: restored });
  const logs = await readLogs(again.port, ann, ['g1']);
  const stored = new Set(logs.get('g1')?.map(({ clientId }) => clientId));
  const lost = ann.sent.slice(0, ackedBefore).filter(({ clientId }) => !stored.has(clientId));
  assert.deepEqual(lost, [], 'all that was acknowledged before the backup began is in it');
  // Ben has not seen anything that the copy does not have.
  await ben.online(again.port);
  await assertDelivered(logs, ben);
  ben.offline();
  assert.equal(await again.stop(), 0);
});

test('[DELIV-1] a copy of the folder of a stopped server is the server', async (t) => {
  const node = await RealNode.start(t);
  const [ann, ben] = await register(node.port, 'ann', 'ben');
  await makeTeam(node.port, ann, [ben]);
  await ann.online(node.port);
  for (let count = 0; count < 100; count += 1) ann.send('#team', `${count}`);
  await ann.take(({ unsettled }) => unsettled.length === 0);
  ann.offline();
  await node.stop();
  const copy = path.join(temporaryFolder(t), 'data');
  cpSync(node.folder, copy, { recursive: true });
  const again = await RealNode.start(t, { folder: copy });
  for (const device of [ann, ben]) await device.online(again.port);
  const logs = await readLogs(again.port, ann, ['g1']);
  assertKept(logs, [ann]);
  for (const device of [ann, ben]) {
    await assertDelivered(logs, device);
    device.offline();
  }
});

test('[LIMIT-1] C67: the write-ahead log stays bounded under steady sends while history is read all the time', async (t) => {
  const node = await RealNode.start(t);
  const [ann, ben] = await register(node.port, 'ann', 'ben');
  await makeTeam(node.port, ann, [ben]);
  await ann.online(node.port);
  const sending = keepSending(ann, 'x'.repeat(8_000));
  const reader = await RawPeer.connect(node.port);
  await reader.get('resume', { token: ben.token });
  let largest = 0;
  const file = path.join(node.folder, 'parley.db');
  while (statSync(file).size < 100 * MIB) {
    await reader.get('history', { conversation: 'g1', after: 1, limit: 500 });
    reader.frames.length = 0;
    largest = Math.max(largest, statSync(`${file}-wal`).size);
  }
  await sending.stop();
  assert.ok(largest < 70 * MIB, `${Math.round(largest / MIB)} MiB`);
  ann.offline();
  reader.close();
  assert.equal(await node.stop(), 0);
});
