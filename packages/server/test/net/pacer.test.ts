import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '@parley/testkit';
import { Pacer } from '../../src/net/pacer.ts';

test('[CLASSIC-4] each is woken at its time, all of them by one timer', () => {
  const clock = new FakeClock();
  const pacer = new Pacer(clock);
  const woken: string[] = [];
  const target = (name: string, againMs?: number) => ({
    sendPaced(nowMs: number): number | undefined {
      woken.push(`${name}@${nowMs}`);
      return againMs === undefined ? undefined : nowMs + againMs;
    },
  });
  pacer.add(target('b'), 20);
  pacer.add(target('a'), 10);
  pacer.add(target('c', 15), 20);
  assert.equal(clock.timers, 1);
  clock.advance(19);
  assert.deepEqual(woken, ['a@10']);
  clock.advance(40);
  assert.deepEqual(woken, ['a@10', 'b@20', 'c@20', 'c@35', 'c@50']);
  pacer.close();
  assert.equal(clock.timers, 0);
});
