import assert from 'node:assert/strict';
import test from 'node:test';
import { ReconnectPolicy } from '../src/reconnect-policy.ts';

test('[CLIENT-1] waits at most twice as long after each failure, up to 30 s, and from the start after a success', () => {
  const policy = new ReconnectPolicy({ random: () => 1 });
  const waits = Array.from({ length: 9 }, () => policy.nextWaitMs());
  assert.deepEqual(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  policy.succeeded();
  assert.equal(policy.nextWaitMs(), 500);
});

test('[CLIENT-1] each wait is drawn by chance between nothing and the most', () => {
  const drawn = [0, 0.5, 0.25];
  const policy = new ReconnectPolicy({ random: () => drawn.shift() ?? 0 });
  assert.deepEqual([policy.nextWaitMs(), policy.nextWaitMs(), policy.nextWaitMs()], [0, 500, 500]);
});
