import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { storeContract } from '@parley/testkit';
import { openSqliteStore, SqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';

// One store for all: opening two threads takes longer than most of the tests.
const folder = mkdtempSync(path.join(tmpdir(), 'parley-store-'));
const opened = openSqliteStore({ file: path.join(folder, 'parley.db') });

after(async () => {
  await (await opened).close();
  rmSync(folder, { recursive: true });
});

storeContract('sqlite', () => opened, {
  async shiftClock(store, byMs) {
    assert.ok(store instanceof SqliteStore);
    await store.shiftClock(byMs);
  },
});
