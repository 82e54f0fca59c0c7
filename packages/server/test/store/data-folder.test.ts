import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { DataFolderError, openDataFolder } from '../../src/store/data-folder.ts';

function temporary(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-data-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function refusal(folder: string): string {
  try {
    openDataFolder(folder);
  } catch (error) {
    assert.ok(error instanceof DataFolderError);
    return error.message;
  }
  return assert.fail('not refused');
}

test('[OPS-2] a folder is made for its owner only, and can be taken once', (t) => {
  const folder = path.join(temporary(t), 'a/b');
  const held = openDataFolder(folder);
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  assert.match(refusal(folder), new RegExp(`in use by parleyd with process id ${process.pid}.*npm run cluster`));
  held.release();
  assert.equal(existsSync(path.join(folder, 'parley.pid')), false);
  openDataFolder(folder).release();
});

test('[OPS-2] a process that was killed leaves nothing to clear by hand', async (t) => {
  const folder = temporary(t);
  const source = path.join(import.meta.dirname, '../../src/store/data-folder.ts');
  const script = `import { openDataFolder } from ${JSON.stringify(source)};
    globalThis.held = openDataFolder(${JSON.stringify(folder)}); console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  assert.match(refusal(folder), new RegExp(`process id ${child.pid}\\b`));
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(readFileSync(path.join(folder, 'parley.pid'), 'utf8'), `${child.pid}\n`);
  openDataFolder(folder).release();
});

test('[OPS-2] a file where a folder should be is named', (t) => {
  const file = path.join(temporary(t), 'file');
  writeFileSync(file, '');
  assert.match(refusal(file), /there is a file where a folder should be/);
  assert.match(refusal(path.join(file, 'below')), /there is a file where a folder should be/);
});

test('[OPS-2] a folder that the file system refuses is named', { skip: process.platform !== 'linux' }, () => {
  for (const folder of ['/proc/parley', '/proc/parley/data']) {
    assert.match(
      refusal(folder),
      new RegExp(`the data folder ${folder} cannot be made: its file system takes no folders`),
    );
  }
});
