import assert from 'node:assert/strict';
import test from 'node:test';
import { parseCount, parseDuration } from '../src/durations.ts';

test('durations have a unit, or are seconds', () => {
  const cases = { '500ms': 500, '10s': 10_000, '1.5s': 1_500, '2m': 120_000, '1h': 3_600_000, '3': 3_000 };
  for (const [text, ms] of Object.entries(cases)) assert.equal(parseDuration(text, 'timeout'), ms);
});

test('[CLI-1] what is no duration or number is wrong usage', () => {
  for (const text of ['', '0', '-1', '10 s', '1d', '1e9h', 'x', '999h'])
    assert.throws(() => parseDuration(text, 'for'), /--for/);
  for (const text of ['', '-1', '1.5', 'x', '9999999999999999']) assert.throws(() => parseCount(text, '-n'), /-n/);
});
