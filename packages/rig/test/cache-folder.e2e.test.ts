import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { cacheFolder, makeOnce } from '../src/cache-folder.ts';
import { temporaryFolder } from './temporary-folder.ts';

const MAKER = path.join(import.meta.dirname, 'fixtures/endless-maker.ts');

test('a folder of the cache is made once, also when many want it', async (t) => {
  const folder = path.join(temporaryFolder(t), 'made');
  let makers = 0;
  const make = async (unfinished: string): Promise<void> => {
    makers += 1;
    assert.equal(existsSync(folder), false);
    writeFileSync(path.join(unfinished, 'file'), 'whole');
  };
  await Promise.all([1, 2, 3].map(async () => makeOnce(folder, make)));
  await makeOnce(folder, make);
  assert.equal(makers, 1);
  assert.equal(readFileSync(path.join(folder, 'file'), 'utf8'), 'whole');
});

test('what a killed maker left is removed, and the folder made anew', async (t) => {
  const parent = temporaryFolder(t);
  const folder = path.join(parent, 'made');
  const maker = spawn(process.execPath, [MAKER, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => maker.kill('SIGKILL'));
  await once(maker.stdout, 'data');
  const making = makeOnce(folder, async () => {}); // waits: the other one has the lock
  maker.kill('SIGKILL');
  await making;
  assert.deepEqual(readdirSync(folder), []);
  assert.deepEqual(readdirSync(parent).toSorted(), ['made', 'made.lock']);
});

test('a maker that fails leaves no folder, and the next one may try', async (t) => {
  const parent = temporaryFolder(t);
  const folder = path.join(parent, 'made');
  await assert.rejects(
    makeOnce(folder, async () => {
      throw new Error('no room');
    }),
    /no room/,
  );
  assert.deepEqual(readdirSync(parent), ['made.lock']);
  await makeOnce(folder, async () => {});
  assert.equal(existsSync(folder), true);
});

test('the cache is where the environment says', () => {
  assert.equal(cacheFolder({ PARLEY_CACHE: '/a/b', XDG_CACHE_HOME: '/c' }), '/a/b');
  assert.equal(cacheFolder({ XDG_CACHE_HOME: '/c' }), '/c/parley');
  assert.match(cacheFolder({}), /\/\.cache\/parley$/);
});
