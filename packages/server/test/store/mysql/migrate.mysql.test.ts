import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LINK_TIMES, Links } from '../../../src/store/mysql/links.ts';
import { migrate } from '../../../src/store/mysql/migrate.ts';
import { MIGRATIONS } from '../../../src/store/mysql/migrations/index.ts';
import { openMysqlStore } from '../../../src/store/mysql/mysql-store.ts';
import { CuttingProxy } from './cutting-proxy.ts';
import { openTalk } from './talk.ts';
import { onEachServer } from './test-server.ts';

await onEachServer((server) => {
  const { flavour } = server;

  test(`[DATA-2] ${flavour}: several nodes that start at once migrate the database once`, async (t) => {
    const url = await server.newDatabase();
    const stores = await Promise.all(Array.from({ length: 5 }, () => server.open(t, { url })));
    await Promise.all(stores.map(openTalk));
  });

  test(`[DATA-2] ${flavour}: a start that was killed between any two steps leaves no lock, and the next one ends it`, async (t) => {
    const [{ statements } = { statements: [] }] = MIGRATIONS;
    for (const statement of [...statements, 'REPLACE INTO parley_schema']) {
      const url = await server.newDatabase();
      const proxy = await CuttingProxy.open(t, url);
      proxy.cutNext({ text: statement.slice(0, 40), when: 'before' });
      await assert.rejects(openMysqlStore({ url: proxy.url }), { name: 'StoreUnavailable' });
      assert.equal(proxy.hasCut, true, statement);
      await openTalk(await server.open(t, { url }));
    }
  });

  test(`[DATA-2] ${flavour}: data of a newer version is left alone, unless it says that this release may write it`, async (t) => {
    const url = await server.newDatabase();
    const store = await server.open(t, { url });
    const connection = await server.connect(t, url);
    await connection.query('UPDATE parley_schema SET version = 99, min_reader = 99, min_writer = 99');
    await assert.rejects(openMysqlStore({ url }), { name: 'NewerSchema', found: 99, known: 1 });
    await connection.query('UPDATE parley_schema SET min_reader = 1, min_writer = 1');
    await openTalk(await server.open(t, { url }));
    await openTalk(store);
  });

  test(`[OPS-2] ${flavour}: a user without the rights that it takes is told so`, async (t) => {
    const url = await server.newDatabase();
    const admin = await server.connect(t, url);
    const plain = new URL(await server.plainUser(admin, url));
    await admin.query(`REVOKE CREATE ON ${plain.pathname.slice(1)}.* FROM ${plain.username}@'%'`);
    const message = /CREATE command denied/;
    await assert.rejects(openMysqlStore({ url: plain.href }), { name: 'StoreUnavailable', message });
  });

  test(`[DATA-2] ${flavour}: a database of something else is left alone`, async (t) => {
    const url = await server.newDatabase();
    const connection = await server.connect(t, url);
    await connection.query('CREATE TABLE user (id INT)');
    await assert.rejects(openMysqlStore({ url }), { name: 'ForeignData' });
  });

  test(`[DATA-2] ${flavour}: an older node goes on while a newer one migrates`, async (t) => {
    const url = await server.newDatabase();
    const store = await server.open(t, { url });
    const links = new Links(url, LINK_TIMES);
    t.after(() => links.close());
    const statements = ['ALTER TABLE user ADD COLUMN IF NOT EXISTS later INT'];
    const repeatable = flavour === 'mysql' ? ['CREATE TABLE IF NOT EXISTS later (id INT)'] : statements;
    const next = { version: 2, minReader: 1, minWriter: 1, statements: repeatable };
    await migrate(links, [...MIGRATIONS, next]);
    await openTalk(store);
    await openTalk(await server.open(t, { url }));
  });
});
