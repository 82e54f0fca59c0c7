import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAckTrace } from './trace.ts';

const WRITE = '12 pwrite64(20</data/parley.db-wal>, "\\0\\0", 4120, 32) = 4120';
const SYNC = '12 fdatasync(20</data/parley.db-wal>) = 0';
const ACK = '10 write(25<socket:[99]>, "{\\"re\\":7,\\"ok\\":{\\"conversation\\":\\"d1-2\\",\\"seq\\":1"..., 99) = 99';
const BEGUN = '12 fdatasync(20</data/parley.db-wal> <unfinished ...>';
const ENDED = '12 <... fdatasync resumed>) = 0';

function read(...lines: string[]): { acks: number; unsynced: number } {
  return readAckTrace(lines.join('\n'));
}

test('[SEND-1] an acknowledgement is in order after a write to the log and the end of its sync', () => {
  assert.deepEqual(read(WRITE, SYNC, ACK, WRITE, WRITE, BEGUN, ENDED, ACK), { acks: 2, unsynced: 0 });
});

test('[SEND-1] one without a sync, before its end, after that of another file, or without a write, is not', () => {
  assert.equal(read(WRITE, ACK).unsynced, 1);
  assert.equal(read(WRITE, BEGUN, ACK, ENDED).unsynced, 1);
  assert.equal(read(SYNC, WRITE, ACK).unsynced, 1);
  assert.equal(read(WRITE, SYNC.replace('-wal', ''), ACK).unsynced, 1);
  assert.equal(read(WRITE, SYNC.replace('= 0', '= -1 EIO'), ACK).unsynced, 1);
  assert.equal(read(WRITE, SYNC, ACK, ACK).unsynced, 1);
});
