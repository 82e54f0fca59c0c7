import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { readCursorFile, writeCursorFile } from '../../src/disk/cursor-file.ts';

test('cursors come back as they were kept; another file is refused and left as it is', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-cursor-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'new', 'bot.cur');
  assert.deepEqual(readCursorFile(file), []);
  const cursors = [{ conversation: 'g7', seq: 3, tag: 4_294_967_295 }];
  writeCursorFile(file, cursors);
  assert.deepEqual(readCursorFile(file), cursors);
  for (const text of ['shopping list', '{}', '{"v":2,"cursors":[]}', '{"v":1,"cursors":[{"seq":1}]}']) {
    writeFileSync(file, text);
    assert.throws(() => readCursorFile(file), /no file of cursors/, text);
  }
});
