import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { openSqliteStore, type SqliteStore, type SqliteStoreOptions } from '../../../src/store/sqlite/sqlite-store.ts';

const stacks = new WeakMap<TestContext, AsyncDisposableStack>();

/** Runs when the test ends, last one first: node:test's own hooks run in the order in which they were set. */
export function atEnd(t: TestContext, action: () => void | Promise<void>): void {
  let stack = stacks.get(t);
  if (stack === undefined) {
    const made = new AsyncDisposableStack();
    stacks.set(t, made);
    t.after(() => made.disposeAsync());
    stack = made;
  }
  stack.defer(action);
}

/** A folder that goes with the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-store-'));
  atEnd(t, () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A store of its own that closes with the test. */
export async function openTestStore(t: TestContext, options: Partial<SqliteStoreOptions> = {}): Promise<SqliteStore> {
  const file = options.file ?? path.join(temporaryFolder(t), 'parley.db');
  const store = await openSqliteStore({ ...options, file });
  atEnd(t, () => store.close());
  return store;
}
