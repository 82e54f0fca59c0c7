import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { givenServer } from '../src/given-server.ts';
import { onPath, type Program, type ServerKind } from '../src/programs.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Looks for a program where one says this of itself. */
async function look(
  t: TestContext,
  kind: ServerKind,
  [name, says]: readonly [string, string],
): Promise<Program | string | undefined> {
  const folder = path.join(temporaryFolder(t), 'bin');
  mkdirSync(folder);
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\necho '${says}' >&2\n`);
  chmodSync(file, 0o755);
  return onPath(kind, [folder]);
}

test('a program on the PATH is taken when it is new enough', async (t) => {
  const found = [
    await look(t, 'mysql', ['mysqld', 'mysqld  Ver 8.0.36 for Linux on x86_64 (MySQL Community Server - GPL)']),
    await look(t, 'mariadb', ['mysqld', 'mysqld  Ver 10.11.6-MariaDB for debian-linux-gnu']),
    await look(t, 'redis', ['valkey-server', 'Valkey server v=8.1.1 sha=00000000:0 malloc=jemalloc bits=64']),
    await look(t, 'nginx', ['nginx', 'nginx version: nginx/1.24.0 configure arguments: --with-stream --with-threads']),
  ];
  const versions = found.map((program) => (typeof program === 'object' ? program.version : program));
  assert.deepEqual(versions, ['8.0.36', '10.11.6', '8.1.1', '1.24.0']);
});

test('a program that is too old counts as missing, and so does another one of that name', async (t) => {
  assert.equal(await look(t, 'redis', ['redis-server', 'Redis server v=7.0.15 sha=0']), '7.0.15');
  assert.equal(await look(t, 'mariadb', ['mariadbd', 'mariadbd  Ver 10.6.9-MariaDB']), '10.6.9');
  assert.equal(await look(t, 'nginx', ['nginx', 'nginx version: nginx/1.22.1 --with-stream=dynamic']), '1.22.1');
  assert.equal(await look(t, 'mysql', ['mysqld', 'mysqld  Ver 10.11.6-MariaDB for debian-linux-gnu']), undefined);
  assert.equal(await look(t, 'nginx', ['nginx', 'nginx version: nginx/1.28.0 --with-threads']), undefined);
});

test('a server of somebody else is used for databases of ours only', () => {
  const url = 'mysql://a:b@db.example:3306/parley_ci';
  assert.equal(givenServer('mysql', { PARLEY_TEST_MYSQL_URL: url }), url);
  assert.equal(givenServer('mysql', {}), undefined);
  assert.equal(givenServer('redis', { PARLEY_TEST_REDIS_URL: 'redis://r' }), 'redis://r');
  for (const wrong of ['mysql://a:b@db.example/shop', 'mysql://a:b@db.example', 'db.example']) {
    assert.throws(
      () => givenServer('mariadb', { PARLEY_TEST_MARIADB_URL: wrong }),
      /PARLEY_TEST_MARIADB_URL must look like/,
    );
  }
});
