import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SyncCursor } from '@parley/protocol';
import { SyncPlanBuilder } from '../../../src/session/native/sync-plan.ts';

function chunk(first: number, acked: [number, number][] = []): { id: number; op: 'sync'; cursors: SyncCursor[] } {
  const cursors = Array.from({ length: 500 }, (_, n) => ({ conversation: `g${first + n}`, seq: 9, tag: 7, acked }));
  return { id: 1, op: 'sync', cursors };
}

test('chunks are put together; a device that says nothing gets the last screens and all private state', () => {
  const plan = new SyncPlanBuilder();
  plan.add({ id: 1, op: 'sync' });
  const { from, cursors, byDefault, state } = plan.build();
  assert.deepEqual([from, cursors.size, byDefault], ['device', 0, { mode: 'lazy', last: 50 }]);
  assert.deepEqual(state, { rev: 0, tag: 0 });
  plan.add({ ...chunk(1, [[10, 3]]), default: { mode: 'full' }, state: { rev: 4, tag: 5 } });
  plan.add(chunk(501));
  const whole = plan.build();
  assert.equal(whole.cursors.size, 1_000);
  assert.deepEqual([whole.byDefault, whole.state], [{ mode: 'full' }, { rev: 4, tag: 5 }]);
  assert.deepEqual(whole.cursors.get('g1'), {
    cursor: { seq: 9, tag: 7 },
    acked: [{ seq: 10, tag: 3 }],
    want: undefined,
  });
});

test('[LIMIT-1] what a device may name is bounded over all chunks', () => {
  const plan = new SyncPlanBuilder();
  const acked = Array.from({ length: 64 }, (_, n): [number, number] => [10 + n, 1]);
  for (let n = 0; n < 50; n += 1) plan.add(chunk(1 + n * 500, acked));
  const cursors = [...plan.build().cursors.values()];
  assert.equal(cursors.length, 20_000);
  assert.equal(
    cursors.reduce((sum, { acked: some }) => sum + some.length, 0),
    10_000,
  );
});

test('[LIMIT-1] a cursor for what is no conversation is left out, however long its name is', () => {
  const plan = new SyncPlanBuilder();
  const names = ['x'.repeat(65_000), '', '@ann', '#lunch', 'g01', 'd2-1', '__proto__', 'g7'];
  plan.add({ id: 1, op: 'sync', cursors: names.map((conversation) => ({ conversation, seq: 9, tag: 7 })) });
  assert.deepEqual([...plan.build().cursors.keys()], ['g7']);
});
