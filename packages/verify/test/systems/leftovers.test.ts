import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Leftovers } from '../../src/systems/leftovers.ts';

test('at an end at once all that runs is killed, and what stays is told, the last first', () => {
  const leftovers = new Leftovers();
  const killed: string[] = [];
  for (const [name, isRunning] of [
    ['node1', true],
    ['node2', false],
  ] as const) {
    leftovers.process({ isRunning, kill: async () => void killed.push(name) });
  }
  leftovers.place('/tmp/run', 'rm -r /tmp/run');
  const disk = leftovers.place('/tmp/run/data', 'umount /tmp/run/data');
  assert.deepEqual(leftovers.removals, ['umount /tmp/run/data', 'rm -r /tmp/run']);
  disk[Symbol.dispose]();
  leftovers.killAll();
  assert.deepEqual([killed, leftovers.removals], [['node1'], ['rm -r /tmp/run']]);
});
