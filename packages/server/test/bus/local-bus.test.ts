import assert from 'node:assert/strict';
import { test } from 'node:test';
import { busContract } from '@parley/testkit';
import { createLocalBus } from '../../src/bus/local-bus.ts';

busContract('local', async () => {
  const bus = createLocalBus();
  return { join: async () => bus.join() };
});

test('a node alone knows that nobody would hear', async () => {
  const bus = createLocalBus();
  const one = bus.join();
  assert.equal(one.hasPeers, false);
  const two = bus.join();
  assert.equal(one.hasPeers, true);
  await two.close();
  assert.equal(one.hasPeers, false);
});
