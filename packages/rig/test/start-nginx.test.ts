import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { listenLine, nodeLines } from '../src/start-nginx.ts';

const DEPLOY = path.join(import.meta.dirname, '../../../deploy');

test('what nginx is given in tests is what deploy/ shows, for other ports', () => {
  assert.equal(readFileSync(path.join(DEPLOY, 'listen.conf'), 'utf8'), listenLine(8_000));
  assert.equal(readFileSync(path.join(DEPLOY, 'nodes.conf'), 'utf8'), nodeLines([6_001, 6_003]));
});
