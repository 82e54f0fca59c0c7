import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Interruption } from '../../src/run/interruption.ts';

test('the first signal ends in order, its echo from npm changes nothing, and a later one ends at once', () => {
  const ends: number[] = [];
  let now = 1_000;
  using interruption = new Interruption(
    (exit) => ends.push(exit),
    () => now,
  );
  assert.deepEqual([interruption.signal.aborted, interruption.exit], [false, undefined]);
  process.emit('SIGINT', 'SIGINT');
  now += 400;
  process.emit('SIGINT', 'SIGINT');
  assert.deepEqual([interruption.signal.aborted, interruption.exit, ends], [true, 130, []]);
  now += 200;
  process.emit('SIGTERM', 'SIGTERM');
  assert.deepEqual(ends, [130]);
});

test('each signal has its exit code, and afterwards signals are as ever', () => {
  for (const [name, exit] of [
    ['SIGHUP', 129],
    ['SIGTERM', 143],
  ] as const) {
    const before = process.listenerCount(name);
    using interruption = new Interruption(() => {});
    process.emit(name, name);
    assert.equal(interruption.exit, exit);
    interruption[Symbol.dispose]();
    assert.equal(process.listenerCount(name), before);
  }
});
