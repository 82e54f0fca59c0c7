import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';

const DEADLINE_MS = 10_000;

/** Waits for something that the store's threads bring about. */
export async function until(isTrue: () => boolean): Promise<void> {
  const endMs = performance.now() + DEADLINE_MS;
  while (!isTrue()) {
    assert.ok(performance.now() < endMs, `not in time: ${String(isTrue)}`);
    await nextTurn();
  }
}
