import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FAULTS } from '../../src/faults/fault.ts';
import { readCommand } from '../../src/run/options.ts';

test('a run by default: the embedded node, every fault', () => {
  const command = readCommand(['--seed', '7']);
  assert.ok(command.verb === 'run');
  const { store, nodes, faults, allFaults, seed } = command;
  assert.deepEqual([store, nodes, faults, allFaults, seed], ['sqlite', 1, FAULTS, true, 7]);
});

test('chosen faults, a cluster, and an old history', () => {
  const command = readCommand(['--store', 'mariadb', '--nodes', '3', '--faults', 'kill-node, partition']);
  assert.ok(command.verb === 'run');
  assert.deepEqual([command.nodes, command.faults, command.allFaults], [3, ['kill-node', 'partition'], false]);
  assert.deepEqual(readCommand(['--history', 'old.jsonl', '--json']), {
    verb: 'check',
    history: 'old.jsonl',
    json: true,
  });
});

test('what has no meaning is said in one sentence', () => {
  assert.throws(() => readCommand(['--faults', 'kill-everything']), /no kill-everything; there are kill-node, /);
  assert.throws(() => readCommand(['--nodes', '2']), /--nodes is a whole number from 1 to 1/);
  assert.throws(() => readCommand(['--seconds', 'x']), /--seconds/);
  assert.throws(() => readCommand(['--store', 'oracle']), /no oracle/);
});
