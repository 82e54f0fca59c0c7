import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkLongFiles } from '../long-files.ts';

const LONG = 'x;\n'.repeat(401);

test('a long file must say why', () => {
  assert.equal(checkLongFiles(new Map([['a.ts', LONG]])).length, 1);
  assert.deepEqual(checkLongFiles(new Map([['a.ts', `// Long because: one parser, read top to bottom\n${LONG}`]])), []);
  assert.equal(checkLongFiles(new Map([['a.ts', `// Long because: \n${LONG}`]])).length, 1);
  assert.deepEqual(checkLongFiles(new Map([['a.md', LONG]])), []);
  assert.deepEqual(checkLongFiles(new Map([['a.ts', 'x;\n'.repeat(400)]])), []);
});
