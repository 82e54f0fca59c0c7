import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAULTS } from '../../src/faults/fault.ts';
import type { OptionValues } from '../../src/run/option-table.ts';
import { type RunCommand, readCommand, UsageError } from '../../src/run/options.ts';

function read(values: OptionValues, env: NodeJS.ProcessEnv = {}): RunCommand {
  const command = readCommand(values, env);
  assert.ok(command.verb === 'run');
  return command;
}

function refused(values: OptionValues): (pattern: RegExp) => void {
  return (pattern) =>
    assert.throws(
      () => readCommand(values, {}),
      (error) => error instanceof UsageError && pattern.test(error.message),
    );
}

test('a run by default: a cluster of two nodes on MySQL, every fault, one after another', () => {
  const { on, faults, allFaults, atOnce, seed, users, rate } = read({ seed: '7' });
  assert.deepEqual(on, { kind: 'started', store: 'mysql', nodes: 2 });
  assert.deepEqual([faults, allFaults, atOnce, seed, users, rate], [FAULTS, true, 1, 7, 40, 1_500]);
  assert.equal(read({ at: '127.0.0.1' }).rate, 300, 'others use it as well');
});

test('chosen faults, several at once, a cluster, one node, and an old history', () => {
  const { on, faults, allFaults, atOnce } = read({
    store: 'mariadb',
    nodes: '3',
    faults: 'kill-node, partition',
    'at-once': '2',
  });
  assert.deepEqual(on, { kind: 'started', store: 'mariadb', nodes: 3 });
  assert.deepEqual([faults, allFaults, atOnce], [['kill-node', 'partition'], false, 2]);
  assert.deepEqual(read({ faults: 'kill-node,partition,kill-node' }).faults, ['kill-node', 'partition']);
  assert.deepEqual(read({ faults: 'none' }).faults, []);
  assert.deepEqual(read({ store: 'sqlite' }).on, { kind: 'started', store: 'sqlite', nodes: 1 });
  assert.deepEqual(readCommand({ history: 'old.jsonl' }, {}), { verb: 'check', history: 'old.jsonl' });
});

test('a Parley that runs already: where people connect, and its database from a flag or, with a password, from the environment', () => {
  assert.deepEqual(read({ at: '127.0.0.1:8000, [::1]:6000' }).on, {
    kind: 'running',
    at: [
      { name: '127.0.0.1:8000', host: '127.0.0.1', port: 8_000 },
      { name: '[::1]:6000', host: '::1', port: 6_000 },
    ],
    database: undefined,
  });
  const file = read({ at: '127.0.0.1', database: 'sqlite:data/parley.db' }).on;
  assert.deepEqual(file.kind === 'running' && file.database, { kind: 'sqlite', file: 'data/parley.db' });
  const url = 'mysql://parley:secret@127.0.0.1:3307/parley';
  const server = read({ at: '127.0.0.1' }, { PARLEY_DATABASE: url }).on;
  assert.deepEqual(server.kind === 'running' && server.database, { kind: 'mysql', url });
});

test('what has no meaning is said in one sentence', () => {
  refused({ faults: 'kill-everything' })(/no kill-everything; there are kill-node, /);
  refused({ faults: 'all,kill-node' })(/all stands alone/);
  refused({ faults: 'kill-node,none' })(/none stands alone/);
  refused({ history: 'old.jsonl', seed: '3' })(/--history judges a run that is over; --seed/);
  refused({ history: 'old.jsonl', at: '127.0.0.1' })(/--history .*; --at/);
  refused({ history: '' })(/--history needs a value/);
  refused({ folder: '' })(/--folder needs a value/);
  refused({ store: 'sqlite', nodes: '2' })(/--nodes is a whole number from 1 to 1/);
  refused({ seconds: 'x' })(/--seconds/);
  refused({ 'at-once': '0' })(/--at-once/);
  refused({ store: 'oracle' })(/no oracle/);
  refused({ at: 'a b' })(/--at: a b is no address/);
  refused({ at: 'parleys://host' })(/encryption/);
  refused({ at: '127.0.0.1', store: 'mysql' })(/--store says what to start/);
  refused({ database: 'data' })(/--database goes with --at/);
  refused({ at: '127.0.0.1', database: 'mysql://parley:secret@h/parley' })(/PARLEY_DATABASE/);
  refused({ at: '127.0.0.1', database: 'mysql://h' })(/mysql:\/\/USER/);
});
