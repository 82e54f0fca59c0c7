import assert from 'node:assert/strict';
import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { register } from './people.ts';
import { RealNode, temporaryFolder } from './real-node.ts';

test('[TAG-1] a database that was put back to an older copy is noticed, and only where it matters', async (t) => {
  const copy = path.join(temporaryFolder(t), 'copy');
  const node = await RealNode.start(t);
  const { port, folder } = node;
  const [ann, ben, cat] = await register(port, 'ann', 'ben', 'cat');
  await ann.online(port);
  ann.send('@ben', 'one');
  ann.send('@cat', 'only before the copy');
  await ann.take((device) => device.acked === 2 && device.received.length === 2);
  // A device whose cursors are older than the copy.
  await ben.online(port);
  await ben.take(({ received }) => received.length === 1);
  for (const device of [ann, ben]) device.offline();
  await node.stop();
  await cp(folder, copy, { recursive: true });
  await node.startAgain();
  await ann.online(port);
  ann.send('@ben', 'two, which the copy does not have');
  await ann.take((device) => device.acked === 3 && device.received.length === 3);
  ann.offline();
  await node.stop();
  await rm(folder, { recursive: true });
  await cp(copy, folder, { recursive: true });
  await node.startAgain();
  await ben.online(port);
  ben.send('@ann', 'another second message');
  await ben.take((device) => device.acked === 1 && device.received.length === 2);
  assert.deepEqual(ben.gaps, [], 'what ben knew is in the copy');
  await cat.online(port);
  await cat.take(({ received }) => received.length === 1);
  assert.deepEqual(cat.gaps, []);
  assert.doesNotMatch(node.process.log, /another history/);
  await ann.online(port);
  await ann.take((device) => device.received.length === 5);
  assert.deepEqual(ann.gaps, ['reset d1-2'], 'and nothing of the other conversation');
  assert.deepEqual(
    ann.received.slice(3).map(({ clientId }) => clientId),
    ['ann-1', 'ben-1'],
    'all of it, as for a new device',
  );
  for (const device of [ann, ben, cat]) device.offline();
  await node.stop();
  assert.match(node.process.log, /another history than the database/);
});
