import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { FakeClock } from '@parley/testkit';
import type { RedisConnection } from '../../../src/bus/redis/redis-connection.ts';
import { Subscriptions } from '../../../src/bus/redis/subscriptions.ts';

function world() {
  const clock = new FakeClock();
  const said: string[] = [];
  const subscriptions = new Subscriptions({
    clock,
    onMessage: () => undefined,
    onConfirmed: () => said.push('confirmed'),
    onFailed: (_, error) => said.push(`failed: ${String(error)}`),
  });
  const confirm: (() => void)[] = [];
  const connection = {
    sSubscribe: (channels: string[]) =>
      said.push(`+${channels.join()}`) && new Promise<void>((resolve) => confirm.push(resolve)),
    sUnsubscribe: async (channels: string[]) => said.push(`-${channels.join()}`),
  } as unknown as RedisConnection;
  return {
    clock,
    subscriptions,
    connection,
    /** Lets Redis confirm what it was asked. */
    confirm: async (): Promise<void> => {
      await turn();
      for (const each of confirm.splice(0)) each();
      await turn();
    },
    take: () => said.splice(0),
  };
}

test('[DELIV-2] what is wanted in one turn is one command, and confirmed once', async () => {
  const { subscriptions, connection, confirm, take } = world();
  void subscriptions.connected(connection);
  await confirm();
  for (const channel of ['a', 'b', 'a']) subscriptions.add(channel);
  await turn();
  subscriptions.add('c');
  assert.deepEqual(take(), ['+a,b'], 'the next batch waits for this one');
  await confirm();
  assert.deepEqual(take(), ['confirmed', '+c']);
  await confirm();
  assert.deepEqual(take(), ['confirmed']);
});

test('[DELIV-2] a channel that nobody wants is kept some seconds, and who comes back costs nothing', async () => {
  const { clock, subscriptions, connection, confirm, take } = world();
  void subscriptions.connected(connection);
  subscriptions.add('a');
  subscriptions.add('b');
  await confirm();
  take();
  subscriptions.delete('a');
  subscriptions.delete('b');
  clock.advance(4_000);
  subscriptions.add('a');
  clock.advance(10_000);
  await turn();
  assert.deepEqual(take(), ['-b']);
  assert.equal(clock.timers, 0);
  subscriptions.add('b');
  await confirm();
  assert.deepEqual(take(), ['+b', 'confirmed']);
});

test('[DELIV-2] a new connection gets all that is wanted then, and says when it has it', async () => {
  const { subscriptions, connection, confirm, take } = world();
  for (const channel of ['a', 'b', 'c']) subscriptions.add(channel);
  subscriptions.delete('c');
  await turn();
  assert.deepEqual(take(), []);
  void subscriptions.connected(connection);
  await confirm();
  assert.deepEqual(take(), ['+a,b', 'confirmed']);
  subscriptions.lost();
  subscriptions.delete('b');
  subscriptions.add('d');
  let isDone = false;
  void subscriptions.connected({ ...connection }).then(() => {
    isDone = true;
  });
  await turn();
  assert.equal(isDone, false);
  await confirm();
  assert.equal(isDone, true);
  assert.deepEqual(take(), ['+a,d', 'confirmed']);
});
