import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Bystanders } from '../../src/bench/cpu-share.ts';

test("the bench's own work is not booked on others", { skip: process.platform !== 'linux' }, () => {
  const bystanders = new Bystanders([]);
  bystanders.start();
  const begin = performance.now();
  while (performance.now() - begin < 300); // works hard itself
  const share = bystanders.share(0.3);
  assert.ok(share !== undefined && share >= 0 && share <= 1.1, String(share));
});
