import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreUnavailable } from '../../../src/chat/ports/store.ts';
import { failureAtEnd, failureInWork, failureOfRead } from '../../../src/store/sqlite/failure.ts';
import { StoreBroken } from '../../../src/store/store-errors.ts';

/** An error as node:sqlite throws it. */
function sqliteError(errcode: number): Error {
  return Object.assign(new Error(`code ${errcode}`), { errcode });
}

const [BUSY, IO_ERROR, IO_ERROR_FSYNC, CORRUPT, FULL] = [5, 10, 1_034, 11, 13];

test('[SEND-1] only a full disk and a lock are sure to have kept a COMMIT from being stored', () => {
  for (const code of [FULL, BUSY]) assert.ok(failureAtEnd(sqliteError(code)) instanceof StoreUnavailable, `${code}`);
  for (const code of [IO_ERROR, IO_ERROR_FSYNC, CORRUPT]) {
    assert.ok(failureAtEnd(sqliteError(code)) instanceof StoreBroken, `${code}`);
  }
  assert.ok(failureAtEnd(new Error('of ours')) instanceof StoreBroken);
});

test('inside a transaction a disk that fails may be tried again, a damaged file may not', () => {
  for (const code of [FULL, BUSY, IO_ERROR, IO_ERROR_FSYNC]) {
    assert.ok(failureInWork(sqliteError(code)) instanceof StoreUnavailable, `${code}`);
  }
  assert.ok(failureInWork(sqliteError(CORRUPT)) instanceof StoreBroken);
  const mistake = new TypeError('of ours');
  assert.equal(failureInWork(mistake), mistake);
  assert.equal(failureOfRead(mistake), mistake);
  assert.ok(failureOfRead(sqliteError(CORRUPT)) instanceof StoreUnavailable);
});
