import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { wipe } from '../../src/cluster/wipe.ts';
import { temporaryFolder } from '../temporary-folder.ts';

test('--fresh removes the data of a cluster, and nothing where something else is', async (t) => {
  const folder = path.join(temporaryFolder(t), 'cluster');
  await wipe(folder);
  for (const name of ['mysql', 'redis', 'nginx', 'node-6000']) mkdirSync(path.join(folder, name), { recursive: true });
  writeFileSync(path.join(folder, 'running.json'), '{}');
  const letter = path.join(folder, 'letter.txt');
  writeFileSync(letter, 'dear ann');
  await assert.rejects(wipe(folder), /holds letter\.txt/);
  assert.ok(existsSync(letter) && existsSync(path.join(folder, 'mysql')));
  await assert.rejects(wipe(path.dirname(folder)), /holds cluster/);
});

test('--fresh leaves nothing of a cluster', async (t) => {
  const folder = path.join(temporaryFolder(t), 'cluster');
  mkdirSync(path.join(folder, 'mariadb', 'data'), { recursive: true });
  await wipe(folder);
  assert.equal(existsSync(folder), false);
});
