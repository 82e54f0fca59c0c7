import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { OpenLoop } from '../../src/load/open-loop.ts';

test('what was due during a stall is done after it, and counts from when it was due', async () => {
  const late: number[] = [];
  const loop = new OpenLoop(1_000, (dueMs) => late.push(performance.now() - dueMs));
  loop.start();
  await sleep(20);
  const end = performance.now() + 100;
  while (performance.now() < end); // the stall
  await sleep(20);
  loop.stop();
  assert.ok(late.length > 110, `${late.length} calls`);
  assert.ok(Math.max(...late) > 90, `the latest was ${Math.max(...late)} ms late`);
});
