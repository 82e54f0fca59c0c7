import assert from 'node:assert/strict';
import test from 'node:test';
import { OPTIONS } from '@parley/verify';
import { findVerb } from '../../src/command-table.ts';

test('the command table has the options of npm run verify, and each means the same', () => {
  assert.deepEqual(findVerb('verify')?.flags, OPTIONS);
});
