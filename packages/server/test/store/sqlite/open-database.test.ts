import assert from 'node:assert/strict';
import { statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { MIGRATIONS } from '../../../src/store/sqlite/migrations/index.ts';
import { openForReading, openForWriting } from '../../../src/store/sqlite/open-database.ts';
import { openSqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { ForeignData, NewerSchema } from '../../../src/store/store-errors.ts';
import { atEnd, temporaryFolder } from './test-store.ts';

test('[SEND-1] the writer waits for the disk at every commit', (t) => {
  const db = openForWriting(path.join(temporaryFolder(t), 'parley.db'));
  atEnd(t, () => db.close());
  const value = (pragma: string) => Object.values(db.prepare(`PRAGMA ${pragma}`).get() ?? {})[0];
  assert.equal(value('journal_mode'), 'wal');
  // 2 is FULL.
  assert.equal(value('synchronous'), 2);
  assert.equal(value('foreign_keys'), 1);
});

test('[AUTH-3] the file is made with its folder, for its owner only', (t) => {
  const file = path.join(temporaryFolder(t), 'data', 'parley.db');
  openForWriting(file).close();
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(statSync(path.dirname(file)).mode & 0o777, 0o700);
});

test('the reader cannot write', (t) => {
  const file = path.join(temporaryFolder(t), 'parley.db');
  const writer = openForWriting(file);
  const reader = openForReading(file);
  for (const db of [writer, reader]) atEnd(t, () => db.close());
  assert.throws(() => reader.exec('DELETE FROM entry'), /readonly/);
});

test('[DATA-2] data of a newer release is refused with both numbers, and left as it is', async (t) => {
  const file = path.join(temporaryFolder(t), 'parley.db');
  const newest = MIGRATIONS.length + 1;
  const newer = { version: newest, minReader: newest, minWriter: newest, sql: 'CREATE TABLE later (x INTEGER)' };
  openForWriting(file, [...MIGRATIONS, newer]).close();
  await assert.rejects(
    openSqliteStore({ file }),
    (error) => error instanceof NewerSchema && error.found === newest && error.known === newest - 1,
  );
  const mild = { ...newer, version: newest + 1, minReader: 1, minWriter: 1, sql: 'CREATE TABLE mild (x INTEGER)' };
  openForWriting(file, [...MIGRATIONS, newer, mild]).close();
  await (await openSqliteStore({ file })).close();
});

test('[DATA-2] what is no Parley database is refused, and left as it is', async (t) => {
  const folder = temporaryFolder(t);
  const foreign = path.join(folder, 'foreign.db');
  const db = new DatabaseSync(foreign);
  db.exec('CREATE TABLE theirs (x INTEGER)');
  db.close();
  const text = path.join(folder, 'text.db');
  writeFileSync(text, 'not a database at all, and longer than a header of SQLite would be: '.repeat(20));
  for (const file of [foreign, text]) {
    const before = statSync(file).size;
    await assert.rejects(
      openSqliteStore({ file }),
      (error) => error instanceof ForeignData && error.message.includes(file),
    );
    assert.equal(statSync(file).size, before);
  }
});

test('[DATA-2] a migration that fails leaves the version before it', (t) => {
  const file = path.join(temporaryFolder(t), 'parley.db');
  openForWriting(file).close();
  const next = MIGRATIONS.length + 1;
  const bad = {
    version: next,
    minReader: 1,
    minWriter: 1,
    sql: 'CREATE TABLE half (x INTEGER); INSERT INTO nowhere VALUES (1)',
  };
  assert.throws(() => openForWriting(file, [...MIGRATIONS, bad]), /nowhere/);
  const good = { ...bad, sql: 'CREATE TABLE half (x INTEGER)' };
  openForWriting(file, [...MIGRATIONS, good]).close();
});
