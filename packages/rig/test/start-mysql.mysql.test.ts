import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { firstBytes } from '../src/probe.ts';
import { type Flavour, startMysql } from '../src/start-mysql.ts';
import { started, temporaryFolder } from './temporary-folder.ts';

const GREETS: Readonly<Record<Flavour, RegExp>> = { mysql: /^.{5}[89]\.\d/s, mariadb: /MariaDB/ };

for (const flavour of ['mysql', 'mariadb'] as const) {
  test(`a private ${flavour} is started, frozen, killed, and started again on the same port and data`, async (t) => {
    const folder = temporaryFolder(t);
    const server = await started(t, flavour, () => startMysql({ flavour, folder }));
    if (server === undefined) return;
    const { port, pid, url } = server;
    assert.match((await firstBytes(port))?.toString('latin1') ?? '', GREETS[flavour]);
    assert.match(url, new RegExp(`^mysql://parley:[0-9a-f]{32}@127\\.0\\.0\\.1:${port}/parley$`));

    server.freeze();
    assert.equal(await firstBytes(port), undefined, 'it answers while it is frozen');
    server.thaw();
    assert.match((await firstBytes(port))?.toString('latin1') ?? '', GREETS[flavour]);

    await server.kill();
    assert.equal(server.isRunning, false);
    assert.equal(await firstBytes(port), undefined);
    await server.restart();
    assert.notEqual(server.pid, pid);
    assert.match((await firstBytes(port))?.toString('latin1') ?? '', GREETS[flavour]);

    server.freeze();
    await server.stop();
    assert.equal(server.isRunning, false, 'a frozen one is stopped as well');
  });
}

test('the password of a database is for its own user only, and stays the same', async (t) => {
  const folder = temporaryFolder(t);
  const first = await started(t, 'mariadb', () => startMysql({ flavour: 'mariadb', folder }));
  if (first === undefined) return;
  const password = new URL(first.url).password;
  assert.ok(!readFileSync(`/proc/${first.pid}/cmdline`, 'utf8').includes(password));
  for (const file of ['password', 'init.sql', 'log']) assert.equal(statSync(path.join(folder, file)).mode & 0o077, 0);
  await first.stop();
  const second = await started(t, 'mariadb', () => startMysql({ flavour: 'mariadb', folder }));
  assert.equal(new URL(second?.url ?? '').password, password);
});

test('a database that cannot start says why', async (t) => {
  const folder = temporaryFolder(t);
  const first = await started(t, 'mariadb', () => startMysql({ flavour: 'mariadb', folder: path.join(folder, 'a') }));
  if (first === undefined) return;
  const second = startMysql({ flavour: 'mariadb', folder: path.join(folder, 'b'), options: ['--no-such-option'] });
  await assert.rejects(second, /MariaDB .* did not start on port \d+: .*no-such-option/s);
});
