import assert from 'node:assert/strict';
import test from 'node:test';
import { type ChatClient, connect } from '@parley/client';
import { World, waitFor } from '../../../cli/test/e2e/world.ts';

/** An account of its own, whose client comes back by itself. */
async function register(world: World, name: string): Promise<ChatClient> {
  const client = await connect({ server: world.server, reconnect: true });
  await client.register({ name, password: `secret-of-${name}` });
  return client;
}

test('[CLIENT-1] [CLIENT-2] [ORDER-2] sends over a drained and a killed server arrive once, in order, and are told as sent', async (t) => {
  const world = await World.open(t);
  const [alice, bob] = await Promise.all([register(world, 'alice'), register(world, 'bob')]);
  t.after(async () => await Promise.all([alice.close(), bob.close()]));
  const heard: string[] = [];
  bob.on('entry', (entry) => heard.push(entry.text ?? ''));
  await bob.sync({ default: { mode: 'full' } });

  const texts = Array.from({ length: 500 }, (_, index) => `m${index}`);
  const sends: Promise<unknown>[] = [];
  const send = (upTo: number): void => {
    for (const text of texts.slice(sends.length, upTo)) sends.push(alice.send('@bob', text, { timeoutMs: 60_000 }));
  };
  const hears = async (count: number): Promise<void> =>
    await waitFor(
      () => heard.length >= count,
      () => `heard ${heard.length}`,
    );
  send(150);
  await hears(1);
  world.stopServer('SIGTERM');
  send(200);
  await world.killServer('wait');
  send(250);
  await world.startServer();
  await hears(220);
  send(400);
  await hears(251);
  await world.killServer();
  send(500);
  await world.startServer();
  await Promise.all(sends);
  const last = texts.at(-1) ?? '';
  if (heard.at(-1) !== last) await bob.waitFor('entry', (entry) => entry.text === last, 30_000);
  assert.deepEqual(heard, texts);
});

test('[CLIENT-1] a device that is revoked goes offline and says why', async (t) => {
  const world = await World.open(t);
  const alice = await register(world, 'alice');
  const other = await connect({ server: world.server });
  t.after(async () => await other.close());
  await other.login({ user: 'alice', password: 'secret-of-alice' });
  const offline = alice.waitFor('status', (status) => status.state === 'offline');
  await other.request('revoke', { device: alice.device ?? 0 });
  const [status] = await offline;
  assert.ok(status.state === 'offline');
  assert.deepEqual([status.reason, status.error.code], ['auth', 'revoked']);
  await assert.rejects(alice.send('@alice', 'x'));
});

test('[CLIENT-2] [TAG-1] a database that was set back is told as a reset, and following goes on', async (t) => {
  const world = await World.open(t);
  const alice = await register(world, 'alice');
  t.after(async () => await alice.close());
  await alice.request('createGroup', { name: 'log', clientId: 'c1' });
  const gaps: string[] = [];
  alice.on('gap', (gap) => gaps.push(gap.reason));
  const synced = alice.waitFor('synced');
  await alice.sync({ cursors: [{ conversation: 'g1', seq: 700, tag: 7 }], default: { mode: 'full' } });
  await synced;
  assert.deepEqual(gaps, ['reset']);
  await alice.send('g1', 'still here');
  assert.equal(alice.cursors()[0]?.seq, 2);
});
