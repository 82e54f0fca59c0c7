import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { readCommand } from '../../src/cluster/options.ts';

test('the command line of npm run cluster', () => {
  const { folder, ...rest } = readCommand([]);
  assert.deepEqual(rest, { verb: 'run', nodes: 2, flavour: 'mysql', fresh: false, port: 8_000, nodePort: 6_000 });
  assert.equal(folder, path.resolve('data/cluster'));
  assert.equal(readCommand(['--nodes', '4', '--detach']).verb, 'detach');
  assert.equal(readCommand(['--nodes', '4']).nodes, 4);
  assert.equal(readCommand(['stop']).verb, 'stop');
  assert.equal(readCommand(['--store', 'mariadb', '--fresh']).flavour, 'mariadb');
  assert.throws(() => readCommand(['--nodes', '0']), /--nodes must be a number from 1 to 32, not '0'/);
  assert.throws(() => readCommand(['--port', '70000']), /--port must be a number from 1 to 65535/);
  assert.throws(() => readCommand(['--store', 'oracle']), /--store must be mysql or mariadb/);
  assert.throws(() => readCommand(['start']), /'start' is no command/);
  assert.throws(() => readCommand(['--node', '3']), /Unknown option '--node'/);
});
