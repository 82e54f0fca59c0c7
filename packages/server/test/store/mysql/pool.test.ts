import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pool } from '../../../src/store/mysql/pool.ts';

test('each thing is used by one caller at a time, and callers are served in order', async () => {
  const pool = new Pool(['only'], { queue: 10, waitMs: 60_000 });
  const order: number[] = [];
  let users = 0;
  const use = (number: number) =>
    pool.use(async () => {
      users += 1;
      assert.equal(users, 1);
      await new Promise(setImmediate);
      order.push(number);
      users -= 1;
    });
  await Promise.all([1, 2, 3, 4].map(use));
  assert.deepEqual(order, [1, 2, 3, 4]);
});

test('a thing comes free when its work fails', async () => {
  const pool = new Pool(['only'], { queue: 1, waitMs: 60_000 });
  await assert.rejects(
    pool.use(() => Promise.reject(new Error('no'))),
    { message: 'no' },
  );
  assert.equal(await pool.use((thing) => Promise.resolve(thing)), 'only');
});

test('nobody waits too long, nor with too many others', async () => {
  const pool = new Pool(['only'], { queue: 1, waitMs: 20 });
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = pool.use(() => promise);
  const second = assert.rejects(
    pool.use(() => Promise.resolve()),
    { name: 'StoreUnavailable' },
  );
  await assert.rejects(
    pool.use(() => Promise.resolve()),
    { name: 'StoreUnavailable', message: /too many/ },
  );
  await second;
  resolve();
  await first;
  assert.equal(await pool.use((thing) => Promise.resolve(thing)), 'only');
});
