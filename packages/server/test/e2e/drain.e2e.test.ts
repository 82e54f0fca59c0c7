import assert from 'node:assert/strict';
import { test } from 'node:test';
import { embeddedNode, newUser } from './embedded-node.ts';

test('[OPS-1] a client that stays is told that the server stops before its connection ends', async (t) => {
  const server = await embeddedNode(t);
  const ann = await newUser(server.port, 'ann');
  const drained = server.drain();
  await ann.untilClosed();
  await drained;
  const told = ann.frames.filter(({ ev }) => ev === 'goaway' || ev === 'close').map(({ ev, reason }) => [ev, reason]);
  assert.deepEqual(told, [
    ['goaway', 'shutdown'],
    ['close', 'shutdown'],
  ]);
  assert.equal(ann.frames.at(-1)?.['ev'], 'close', 'it is the last frame');
});
