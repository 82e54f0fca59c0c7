import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '@parley/testkit';
import { Keepalive } from '../../src/net/keepalive.ts';

/** The whole process can stand still, as by SIGSTOP or a sleeping machine: then timers fire late. */
class FreezingClock extends FakeClock {
  frozenMs = 0;

  override monotonic(): number {
    return super.monotonic() + this.frozenMs;
  }
}

test('[WIRE-4] its clock counts only time in which the process ran', () => {
  const clock = new FreezingClock();
  const keepalive = new Keepalive(clock);
  const looks: number[] = [];
  keepalive.add({ check: (nowMs) => looks.push(nowMs) });
  clock.advance(3_000);
  clock.frozenMs = 600_000;
  clock.advance(2_000);
  assert.deepEqual(looks, [1_000, 2_000, 3_000, 5_000, 6_000]);
  keepalive.close();
  assert.equal(clock.timers, 0);
});
