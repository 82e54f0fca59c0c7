import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { type TestContext } from 'node:test';
import { LocalStore } from '../../src/local/local-store.ts';

function newFile(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-local-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return path.join(folder, 'store.db');
}

test('drafts are kept until they are emptied, and are not another account’s', (t) => {
  const file = newFile(t);
  {
    using store = new LocalStore({ file, account: 'alice' });
    store.setDraft('g7', 'half');
    store.setDraft('g7', 'half a thought');
    store.setDraft('d1-2', 'gone');
    store.setDraft('d1-2', '');
  }
  {
    using store = new LocalStore({ file, account: 'alice' });
    assert.deepEqual([...store.drafts()], [['g7', 'half a thought']]);
  }
  using store = new LocalStore({ file, account: 'bob' });
  assert.deepEqual([...store.drafts()], []);
});

test('a file of the release before drafts is brought up to date', (t) => {
  const file = newFile(t);
  new LocalStore({ file, account: 'alice' })[Symbol.dispose]();
  const db = new DatabaseSync(file);
  db.exec('DROP TABLE draft; PRAGMA user_version = 1');
  db.close();
  using store = new LocalStore({ file, account: 'alice' });
  store.setDraft('g7', 'half');
  assert.equal(store.drafts().get('g7'), 'half');
});
