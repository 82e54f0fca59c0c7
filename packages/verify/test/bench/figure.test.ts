import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeLimit, type Figure, median, summarise } from '../../src/bench/figure.ts';

const rate: Figure = {
  name: 'pairs',
  unit: 'messages/s',
  better: 'more',
  ours: [40, 50, 30],
  bound: [100, 200, 50],
  limits: [{ of: 'best ratio', atLeast: 0.3 }],
};

test('ratios are of one round each: that of the best round, and the median of all', () => {
  const { best, boundBest, bestRatio, medianRatio, met } = summarise(rate);
  assert.deepEqual([best, boundBest, bestRatio, medianRatio, met], [50, 200, 0.6, 0.4, true]);
});

test('for latencies the best is the least, and one of several limits suffices', () => {
  const latency: Figure = {
    ...rate,
    better: 'less',
    limits: [
      { of: 'median', atMost: 10 },
      { of: 'median ratio', atMost: 3 },
    ],
  };
  assert.deepEqual([summarise(latency).best, summarise(latency).met], [30, true]);
  assert.equal(summarise({ ...latency, limits: [] }).met, undefined);
  assert.equal(describeLimit({ of: 'median', atMost: 10 }, 'ms'), 'median ≤ 10 ms');
});

test('a figure without a bound has no ratio, and misses a limit on it', () => {
  const { bestRatio, met } = summarise({ ...rate, bound: [] });
  assert.deepEqual([bestRatio, met], [Number.NaN, false]);
  assert.deepEqual([median([3, 1]), median([])], [2, Number.NaN]);
});
