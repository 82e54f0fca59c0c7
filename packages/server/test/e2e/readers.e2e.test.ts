import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawPeer } from './embedded-node.ts';
import { assertDelivered, assertKept, readLogs } from './logs.ts';
import { makeTeam, register } from './people.ts';
import { RealNode } from './real-node.ts';

const MIB = 1_048_576;
const TEXT = 'x'.repeat(8_000);
const TEXTS = (20 * MIB) / TEXT.length;

/** Sends under way at once. */
const WINDOW = 100;

/**
 * What the server's memory may grow by while 20 MiB go to each of four readers: SQLite's page caches (96 MiB at most)
 * and garbage take most of it. Keeping everything would take 80 MiB more in any case.
 */
const GROWTH_BYTES = 160 * MIB;

test('[WIRE-3] readers that stop while 20 MiB are sent to them cost bounded memory, delay nobody, are cut off, and catch up', async (t) => {
  const node = await RealNode.start(t, { env: { PARLEY_STUCK_MS: '1500' } });
  const { port } = node;
  const [ann, cat, ...readers] = await register(port, 'ann', 'cat', 'ben', 'dan', 'eve', 'fay');
  await makeTeam(port, ann, [cat, ...readers]);
  const watcher = await watch(port, readers[0].token, cat.token);
  for (const device of [ann, ...readers]) await device.online(port);
  ann.send('#team', 'hello');
  for (const reader of readers) {
    await reader.take(({ received }) => received.some(({ clientId }) => clientId === 'ann-1'));
    reader.stopReading();
  }
  const before = node.process.residentBytes ?? 0;
  const bystander = chatOf(port, cat.token);
  for (let sent = 0; sent < TEXTS; sent += WINDOW) {
    for (let count = 0; count < WINDOW; count += 1) ann.send('#team', TEXT);
    await ann.take(({ unsettled }) => unsettled.length === 0);
  }
  const turns = await bystander.stop();
  const growth = (node.process.residentBytes ?? 0) - before;
  assert.ok(growth < GROWTH_BYTES, `${Math.round(growth / MIB)} MiB`);
  assert.ok(turns > 10, `${turns} turns of somebody else`);
  await watcher.until(({ ev, online }) => ev === 'presence' && online === false, 'the end of ben, who does not read');
  watcher.close();
  const logs = await readLogs(port, ann, ['g1']);
  assertKept(logs, [ann]);
  await assertDelivered(logs, ann);
  for (const reader of readers) {
    assert.ok(reader.received.length < TEXTS);
    reader.offline();
    await reader.online(port);
    await assertDelivered(logs, reader);
    reader.offline();
  }
  ann.offline();
  assert.equal(await node.stop(), 0);
});

/** Makes friends of the two, and watches the first with the eyes of the second. */
async function watch(port: number, watched: string, watching: string): Promise<RawPeer> {
  const peers = [await RawPeer.connect(port), await RawPeer.connect(port)] as const;
  const users: { name: string }[] = [];
  for (const [index, token] of [watched, watching].entries()) {
    users.push((await peers[index]?.get('resume', { token }))?.['user'] as { name: string });
  }
  await peers[0].get('addFriend', { user: users[1]?.name });
  await peers[1].get('addFriend', { user: users[0]?.name });
  peers[0].close();
  await peers[1].get('friends', { watch: true });
  return peers[1];
}

/** Somebody who asks and is answered, over and over. */
function chatOf(port: number, token: string): { stop(): Promise<number> } {
  let turns = 0;
  const stopping = new AbortController();
  const done = (async () => {
    const peer = await RawPeer.connect(port);
    await peer.get('resume', { token });
    for (; !stopping.signal.aborted; turns += 1) {
      await peer.get('ping');
      await peer.get('history', { conversation: 'g1', limit: 1 });
      peer.frames.length = 0;
    }
    peer.close();
  })();
  return {
    async stop() {
      stopping.abort();
      await done;
      return turns;
    },
  };
}
