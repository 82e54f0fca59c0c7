import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';

const MAIN = path.join(import.meta.dirname, '../../src/simulation/main.ts');

test('a wrong command line ends with 2 and one sentence, not as a broken rule would', () => {
  for (const args of [['--bogus'], ['--seeds', 'many'], ['--seeds=-1'], ['--seeds', '-1'], ['more']]) {
    const options = ['--conditions=@parley/source', MAIN, ...args];
    const { status, stderr } = spawnSync(process.execPath, options, { encoding: 'utf8' });
    assert.equal(status, 2, stderr);
    assert.match(stderr, /^simulate: [^\n]*\n$/);
  }
});
