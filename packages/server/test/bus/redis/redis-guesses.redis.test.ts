import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { client, join, realRedis, until } from './real-redis.ts';

test('[AUTH-2] guesses are heard on the other nodes, not on the own, and without Redis nothing fails (C27)', async (t) => {
  const redis = await realRedis(t);
  if (redis === undefined) return;
  const nodes = [join(t, redis.url), join(t, redis.url)] as const;
  const heard = nodes.map(({ guesses }) => {
    const all: unknown[] = [];
    guesses.listen((account, network) => all.push([account, network]));
    return all;
  });
  nodes[0].guesses.tell(1, 'too early');
  await until(() => nodes.every(({ bus }) => bus.isUp), 'both are up');
  const other = await client(t, redis.url);
  const garbage = ['', '1', '1[]', '1["x",{},"192.0.2.1"]', '1["x",1]', `1["x","${'a'.repeat(300)}","192.0.2.1"]`];
  for (const each of garbage) await other.sendCommand(['SPUBLISH', 'parley:test:guesses', each]);
  const told = async (account: string | number): Promise<void> => {
    const before = heard[1]?.length ?? 0;
    const deadline = performance.now() + 10_000;
    while (heard[1]?.length === before && performance.now() < deadline) {
      nodes[0].guesses.tell(account, '192.0.2.66');
      await sleep(20);
    }
    assert.deepEqual(heard[1]?.at(-1), [account, '192.0.2.66']);
  };
  await told(7);
  await told('änn');
  await redis.kill();
  await until(() => nodes.every(({ bus }) => !bus.isUp), 'both notice');
  nodes[0].guesses.tell(7, 'nobody hears it');
  await redis.restart();
  await told(8);
  assert.deepEqual(heard[0], []);
});
