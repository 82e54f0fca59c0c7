import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KernelQueues, portsKey } from '../../src/net/kernel-queues.ts';

const TABLES = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1770 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:1770 0100007F:C350 01 0027AC00:00000000 01:0000002A 00000000     0        0 2 2 0 20 4 30 10 -1
   2: 0100007F:1770 0100007F:C352 01 00000000:00000010 00:00000000 00000000     0        0 3 1 0 20 4 30 10 -1
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt
   0: 00000000000000000000000001000000:1770 00000000000000000000000001000000:C354 01 00000010:00000000 01:0000002A 00000000
`;

test('[WIRE-3] what the kernel holds is read from its tables, seldom', () => {
  let reads = 0;
  const queues = new KernelQueues(() => {
    reads += 1;
    return TABLES;
  });
  const backlog = queues.sample(1_000);
  assert.deepEqual(
    [...(backlog ?? [])],
    [
      [portsKey(6_000, 50_000), 2_599_936],
      [portsKey(6_000, 50_004), 16],
    ],
  );
  assert.equal(queues.sample(1_000), backlog, 'for all that ask in one look');
  assert.equal(queues.sample(2_000), undefined);
  assert.ok(queues.sample(11_000));
  assert.equal(reads, 2);
});

test('[WIRE-3] where there are no tables, nothing is known', () => {
  const queues = new KernelQueues(() => undefined);
  assert.equal(queues.sample(0), undefined);
});
