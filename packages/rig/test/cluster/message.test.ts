import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stopCommand } from '../../src/cluster/message.ts';
import { readCommand } from '../../src/cluster/options.ts';

test('what is told to stop a cluster stops that one, wherever it is kept', () => {
  assert.equal(stopCommand(readCommand([]).folder), 'npm run cluster -- stop');
  assert.equal(stopCommand('/srv/c-1'), 'npm run cluster -- stop --folder /srv/c-1');
  assert.equal(stopCommand("/srv/Ann's c"), `npm run cluster -- stop --folder '/srv/Ann'\\''s c'`);
});
