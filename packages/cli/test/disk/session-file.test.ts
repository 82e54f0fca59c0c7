import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { readSession, removeSession, writeSession } from '../../src/disk/session-file.ts';
import type { Failure } from '../../src/failure.ts';

const SESSION = { server: 'a:1', user: { id: 1, name: 'alice' }, device: 2, token: 'secret' };

function createFolder(t: TestContext): string {
  const parent = mkdtempSync(path.join(tmpdir(), 'parley-session-'));
  t.after(() => rmSync(parent, { recursive: true }));
  return path.join(parent, 'alice');
}

test('[AUTH-3] [CLI-3] a session is kept for its owner only, in a folder for its owner only', (t) => {
  const folder = createFolder(t);
  writeSession(folder, SESSION);
  assert.equal(statSync(path.join(folder, 'session.json')).mode & 0o777, 0o600);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.deepEqual(readSession(folder), SESSION);
  writeSession(folder, { ...SESSION, token: 'new' });
  assert.equal(readSession(folder)?.token, 'new');
  assert.deepEqual(readdirSync(folder), ['session.json']);
});

test('[CLI-3] none is none; a damaged one, and one that others can read, are refused by name', (t) => {
  const folder = createFolder(t);
  assert.equal(readSession(folder), undefined);
  writeSession(folder, SESSION);
  for (const mode of [0o640, 0o604, 0o660]) {
    chmodSync(path.join(folder, 'session.json'), mode);
    assert.throws(
      () => readSession(folder),
      (error: Failure) => error.exit === 78 && error.hint?.includes('chmod 600') === true,
    );
  }
  chmodSync(path.join(folder, 'session.json'), 0o600);
  for (const text of ['', '{', 'null', '{}', '{"server":"a:1","token":7}']) {
    writeFileSync(path.join(folder, 'session.json'), text);
    assert.throws(
      () => readSession(folder),
      (error: Failure) => error.exit === 78 && error.message.includes('damaged'),
    );
  }
  removeSession(folder);
  removeSession(folder);
  assert.equal(readSession(folder), undefined);
});
