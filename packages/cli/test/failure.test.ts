import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import test from 'node:test';
import { EXIT } from '../src/exit-codes.ts';
import { toFailure } from '../src/failure.ts';

test('[CLI-1] C51: a disk that is full is no bug of ours', () => {
  using db = new DatabaseSync(':memory:');
  db.exec('PRAGMA max_page_count = 2; CREATE TABLE t (x)');
  let thrown: unknown;
  try {
    db.exec('INSERT INTO t VALUES (zeroblob(100000))');
  } catch (error) {
    thrown = error;
  }
  const { exit, message } = toFailure(thrown);
  assert.deepEqual([exit, message], [EXIT.badConfig, 'Nothing can be kept on disk: database or disk is full.']);
});
