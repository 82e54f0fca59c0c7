import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions } from '../../src/simulation/options.ts';
import { SCOPES } from '../../src/simulation/scopes.ts';

test('without arguments 2,000 worlds are run, and scopes when they are asked for', () => {
  const worlds = readOptions([]);
  assert.deepEqual(worlds, { kind: 'seeds', first: 1, seeds: 2_000, steps: 400, isTraced: false, until: new Set() });
  const scopes = readOptions(['--scopes', '--states', '5']);
  assert.deepEqual(scopes, { kind: 'scopes', scopes: SCOPES, mostStates: 5 });
  const [only] = SCOPES;
  assert.deepEqual(readOptions(['--scopes', '--only', only?.name ?? '']), {
    kind: 'scopes',
    scopes: [only],
    mostStates: 1_000_000,
  });
  assert.equal(readOptions(['--help']), undefined);
});

test('what would try nothing, or has no meaning, is refused in one sentence', () => {
  for (const [pattern, ...args] of [
    [/--seeds is a whole number from 1/, '--seeds', 'x'],
    [/--seeds is a whole number from 1/, '--seeds', '0'],
    [/--first is a whole number/, '--first', '1.5'],
    [/Option '--first' /, '--first', '-1'],
    [/there is no scope "nonsense"/, '--scopes', '--only', 'nonsense'],
    [/there is no scope with "nonsense"/, '--scopes', '--scope', 'nonsense'],
    [/--states is a whole number from 1/, '--scopes', '--states', '0'],
    [/--only goes with --scopes/, '--only', 'one message'],
    [/--seeds does not go with --scopes/, '--scopes', '--seeds', '5'],
    [/Unknown option '--nonsense'/, '--nonsense'],
  ] as const) {
    const isOneSentence = ({ message }: Error): boolean => pattern.test(message) && !message.includes('\n');
    assert.throws(() => readOptions(args), isOneSentence, args.join(' '));
  }
});
