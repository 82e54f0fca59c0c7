import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatencyHistogram } from '../../src/load/latency-histogram.ts';

test('small latencies are exact, large ones within 1/64', () => {
  const histogram = new LatencyHistogram();
  for (let value = 1; value <= 100; value += 1) histogram.record(value);
  assert.equal(histogram.quantile(0.5), 50);
  assert.equal(histogram.quantile(0.99), 99);
  for (const value of [127, 128, 129, 255, 256, 1_000, 65_535, 1_234_567, 1_000_000_000]) {
    histogram.clear();
    histogram.record(value);
    histogram.record(value * 1.5);
    const found = histogram.quantile(0.5);
    assert.ok(found >= value && found <= value * (1 + 1 / 64), `${value} came back as ${found}`);
  }
});

test('what is beyond all buckets counts, and nothing has no quantile', () => {
  const histogram = new LatencyHistogram();
  assert.ok(Number.isNaN(histogram.quantile(0.5)));
  histogram.record(-3);
  histogram.record(1e13);
  assert.deepEqual([histogram.count, histogram.quantile(0.5)], [2, 0]);
});
