import assert from 'node:assert/strict';
import { test } from 'node:test';
import { done, openTalk, readLog, say } from './talk.ts';
import { onEachServer } from './test-server.ts';

const OPTIONS = [
  '--character-set-server=latin1',
  '--sql-mode=',
  '--default-time-zone=+05:30',
  "--init-connect=SET NAMES latin1, SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES', autocommit = 0",
  '--innodb-lock-wait-timeout=1',
];

const TEXT = `e\u0301 \u{1F468}\u200D\u{1F469} 漢 ß 'quoted' "twice" back\\slash`;

await onEachServer((server) => {
  const { flavour } = server;

  test(`[SEND-1] ${flavour}: a database that somebody else has set up otherwise changes nothing (C40)`, async (t) => {
    const url = await server.newDatabase();
    const admin = await server.connect(t, url);
    await admin.query(`ALTER DATABASE ${new URL(url).pathname.slice(1)} CHARACTER SET latin1`);
    // What is set for all who connect is not for administrators.
    const store = await server.open(t, { url: await server.plainUser(admin, url) });
    const direct = await openTalk(store);
    const fromMs = Date.now();
    done(await store.commit([say(direct, { text: TEXT })], 'main'));
    const [entry] = await readLog(store, direct);
    assert.equal(entry?.text, TEXT);
    assert.ok(Math.abs((entry?.time ?? 0) - fromMs) < 60_000, `${entry?.time} is the time`);
    const [{ bytes }] = await admin.query<[{ bytes: Buffer }]>('SELECT CAST(text AS BINARY) AS bytes FROM entry');
    assert.equal(bytes.toString('utf8'), TEXT);
  });
}, OPTIONS);
