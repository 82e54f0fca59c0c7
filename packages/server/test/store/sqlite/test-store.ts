import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { openSqliteStore, type SqliteStore, type SqliteStoreOptions } from '../../../src/store/sqlite/sqlite-store.ts';

/** A folder that goes with the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-store-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A store of its own that closes with the test. */
export async function openTestStore(t: TestContext, options: Partial<SqliteStoreOptions> = {}): Promise<SqliteStore> {
  const file = options.file ?? path.join(temporaryFolder(t), 'parley.db');
  const store = await openSqliteStore({ ...options, file });
  t.after(() => store.close());
  return store;
}
