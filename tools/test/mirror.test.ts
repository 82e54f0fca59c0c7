import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkMirror } from '../mirror.ts';

function check(...names: string[]): string[] {
  return checkMirror(new Map(names.map((name) => [name, ''])));
}

test('a test has its source in the same place', () => {
  const source = 'packages/server/src/net/connection.ts';
  assert.deepEqual(check(source, 'packages/server/test/net/connection.test.ts'), []);
  assert.deepEqual(check(source, 'packages/server/test/net/connection.fuzz.test.ts'), []);
  assert.match(
    check(source, 'packages/server/test/connection.test.ts')[0] ?? '',
    /there is no packages\/server\/src\/connection\.ts/,
  );
});

test('a folder whose name begins with test is not the folder of tests', () => {
  assert.deepEqual(check('packages/testkit/src/a.ts', 'packages/testkit/test/a.test.ts'), []);
});

test('scenarios, and files that are no tests, need none', () => {
  assert.deepEqual(check('packages/server/test/e2e/login.e2e.test.ts', 'packages/server/test/net/peers.ts'), []);
});

test('tools are mirrored in tools/test', () => {
  assert.deepEqual(check('tools/ready.cjs', 'tools/test/ready.e2e.test.ts'), []);
  assert.equal(check('tools/test/ready.e2e.test.ts').length, 1);
});
