import assert from 'node:assert/strict';
import { test } from 'node:test';
import { topOf } from '../../src/bench/profile.ts';

test('own times are shares of the busy time, most first', () => {
  const frame = (functionName: string, url = '', lineNumber = 0) => ({ functionName, url, lineNumber });
  const profile = {
    nodes: [
      { id: 1, callFrame: frame('(idle)') },
      { id: 2, callFrame: frame('commit', 'file:///a/b/store/writer.ts', 41) },
      { id: 3, callFrame: frame('', 'file:///a/b/net/flusher.ts', 6) },
      { id: 4, callFrame: frame('commit', 'file:///a/b/store/writer.ts', 41) },
    ],
    samples: [1, 2, 3, 4],
    timeDeltas: [900, 50, 25, 25],
  };
  assert.deepEqual(topOf(profile, 5), [
    { where: 'commit (store/writer.ts:42)', share: 0.75 },
    { where: 'anonymous (net/flusher.ts:7)', share: 0.25 },
  ]);
  assert.equal(topOf(profile, 1).length, 1);
});
