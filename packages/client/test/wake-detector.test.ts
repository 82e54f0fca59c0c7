import assert from 'node:assert/strict';
import test from 'node:test';
import { WakeDetector } from '../src/wake-detector.ts';

test('[CLIENT-1] a process that was stopped, and a machine that slept, are noticed', () => {
  const stopped = new WakeDetector({ monotonicMs: 0, wallMs: 0 }, 500);
  assert.equal(stopped.look({ monotonicMs: 600, wallMs: 600 }), false);
  assert.equal(stopped.look({ monotonicMs: 60_600, wallMs: 60_600 }), true);
  assert.equal(stopped.look({ monotonicMs: 61_100, wallMs: 61_100 }), false);
  // The monotonic clock of a sleeping machine stands still.
  const asleep = new WakeDetector({ monotonicMs: 0, wallMs: 0 }, 500);
  assert.equal(asleep.look({ monotonicMs: 500, wallMs: 3_600_500 }), true);
});

test('a clock that is set back is no sleep', () => {
  const detector = new WakeDetector({ monotonicMs: 0, wallMs: 10_000_000 }, 500);
  assert.equal(detector.look({ monotonicMs: 500, wallMs: 0 }), false);
});
