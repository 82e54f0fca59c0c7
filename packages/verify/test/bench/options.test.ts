import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BENCHES, readOptions } from '../../src/bench/options.ts';

test('without arguments everything runs at the sizes that are promised', () => {
  const options = readOptions([]);
  assert.deepEqual(options?.benches, BENCHES);
  assert.deepEqual(
    [options?.pairs, options?.rounds, options?.messages, options?.measureMs],
    [100, 3, 1_000_000, 4_000],
  );
});

test('benches, dialects and sizes are picked, and nonsense is refused', () => {
  const options = readOptions(['pairs', '--dialect', 'native', '--seconds', '0.5', '--json', 'x.json']);
  assert.deepEqual(
    [options?.benches, options?.dialects, options?.measureMs, options?.json],
    [['pairs'], ['native'], 500, 'x.json'],
  );
  assert.equal(readOptions(['--help']), undefined);
  for (const args of [['pears'], ['--dialect', 'x'], ['--pairs', 'many'], ['--seconds', '60'], ['--nothing']]) {
    assert.throws(() => readOptions(args), args.join(' '));
  }
});
