import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { embeddedNode, newUser } from './embedded-node.ts';

/** Every commit takes this much longer, so that there is time to see what goes on meanwhile. */
const COMMIT_DELAY_MS = 600;

test('[SEND-1] [WIRE-4] while a commit hangs, pings and the reads of others are answered, and the sender is not', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-slow-'));
  const store = await openSqliteStore({ file: path.join(folder, 'parley.db'), commitDelayMs: COMMIT_DELAY_MS });
  const server = await embeddedNode(t, {}, { store });
  // After the server: hooks run in the order in which they were set.
  t.after(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });
  const [ann, ben] = await Promise.all([newUser(server.port, 'ann'), newUser(server.port, 'ben')]);
  await ann.get('createGroup', { name: 'team', clientId: 'make' });
  await ben.get('join', { group: '#team', clientId: 'join' });
  let isAcked = false;
  const ack = ann.get('send', { to: '#team', text: 'this takes a while', clientId: 'slow' }).then(() => {
    isAcked = true;
  });
  const whileHeld = { pings: 0, ownPings: 0, pages: 0 };
  for (;;) {
    await ben.get('ping');
    if (isAcked) break;
    whileHeld.pings += 1;
    const { entries } = await ben.get('history', { conversation: 'g1' });
    if (isAcked) break;
    assert.equal((entries as unknown[]).length, 1, 'his join, and nothing that is not stored');
    whileHeld.pages += 1;
    await ann.get('ping');
    if (isAcked) break;
    whileHeld.ownPings += 1;
  }
  await ack;
  for (const [what, count] of Object.entries(whileHeld)) assert.ok(count >= 10, `${count} ${what} during one commit`);
  const { entries } = await ben.get('history', { conversation: 'g1' });
  assert.equal((entries as unknown[]).length, 2);
  ann.close();
  ben.close();
});
