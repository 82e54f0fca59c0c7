import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import type { Connection } from 'mariadb';
import { CuttingProxy } from './cutting-proxy.ts';
import { brief, done, openTalk, say, until } from './talk.ts';
import { onEachServer } from './test-server.ts';

/** Long enough for the server's time-outs, short enough to notice that there are none; in milliseconds. */
const SECONDS_MS = 9_000;

await onEachServer((server) => {
  const { flavour } = server;

  test(`[SEND-1] ${flavour}: while the server stands still nothing is acknowledged, and all is well when it goes on`, async (t) => {
    const store = await server.open(t);
    const direct = await openTalk(store);
    done(await store.commit([say(direct)], 'main'));
    t.after(() => server.process.thaw());
    server.process.freeze();
    await server.process.untilFrozen();
    const startMs = performance.now();
    const [batch, other] = [[say(direct)], [say(direct)]];
    const reading = assert.rejects(store.heads([direct.id]), { name: 'StoreUnavailable' });
    const changing = assert.rejects(store.setEdge(direct.low, direct.high, { added: true }), {
      name: 'StoreUnavailable',
    });
    const outcome = await store.commit(batch, 'main');
    assert.ok(outcome.state === 'failed' || outcome.state === 'unknown', outcome.state);
    assert.notEqual((await store.commit(other, 'main')).state, 'done');
    await Promise.all([reading, changing]);
    assert.ok(performance.now() - startMs < 2 * SECONDS_MS);
    server.process.thaw();
    await until('a batch is committed', async () => (await store.commit(batch, 'main')).state === 'done');
    assert.equal(await store.setEdge(direct.low, direct.high, { blocked: true }), true);
  });

  test(`${flavour}: a node that stands still in a transaction loses its locks within seconds`, async (t) => {
    const url = await server.newDatabase();
    const store = await server.open(t, { url });
    const direct = await openTalk(store);
    const child = fork(new URL('fixtures/hold-head.ts', import.meta.url), [url, String(direct.id)]);
    t.after(() => child.kill('SIGKILL'));
    await once(child, 'message');
    child.kill('SIGSTOP');
    const startMs = performance.now();
    await until('the head is free', async () => {
      const [seq] = brief(done(await store.commit([say(direct)], 'aside')));
      return seq === 1;
    });
    assert.ok(performance.now() - startMs < SECONDS_MS, `${performance.now() - startMs} ms`);
  });

  test(`${flavour}: connections that were ended while idle are replaced without anybody noticing`, async (t) => {
    const url = await server.newDatabase();
    const store = await server.open(t, { url });
    const direct = await openTalk(store);
    done(await store.commit([say(direct)], 'main'));
    const admin = await server.connect(t, url);
    const others = await admin.query<{ id: number }[]>(
      'SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()',
    );
    assert.ok(others.length >= 3);
    for (const { id } of others) await admin.query(`KILL ${id}`).catch(() => undefined);
    await until('they are gone', async () => {
      const sql = 'SELECT 1 FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()';
      return (await admin.query<unknown[]>(sql)).length === 0;
    });
    assert.equal((await store.heads([direct.id]))[0]?.seq, 1);
    assert.deepEqual(brief(done(await store.commit([say(direct)], 'main'))), [2]);
    assert.equal(await store.setEdge(direct.low, direct.high, { added: true }), true);
  });

  test(`${flavour}: a connection that writes outlives the server's short time-outs while it is idle`, async (t) => {
    const url = await server.newDatabase();
    const store = await server.open(t, { url });
    const direct = await openTalk(store);
    done(await store.commit([say(direct)], 'main'));
    const admin = await server.connect(t, url);
    const sql = 'SELECT COUNT(*) AS n FROM writer';
    const [{ n: before }] = await admin.query<[{ n: number }]>(sql);
    const fromMs = performance.now();
    await until('more than wait_timeout has passed', () => performance.now() - fromMs > 4_000);
    done(await store.commit([say(direct)], 'main'));
    assert.deepEqual(await admin.query(sql), [{ n: before }]);
  });

  test(`[SEND-1] ${flavour}: a server that takes no writes fails them, and all is well when it does again`, async (t) => {
    const url = await server.newDatabase();
    const admin = await server.connect(t, url);
    await server.open(t, { url });
    const store = await server.open(t, { url: await server.plainUser(admin, url) });
    const direct = await openTalk(store);
    done(await store.commit([say(direct)], 'main'));
    await admin.query('SET GLOBAL read_only = 1');
    t.after(() => admin.query('SET GLOBAL read_only = 0').catch(() => undefined));
    assert.equal((await store.commit([say(direct)], 'main')).state, 'failed');
    await assert.rejects(store.setEdge(direct.low, direct.high, { added: true }), { name: 'StoreUnavailable' });
    await assert.rejects(openTalk(store), { name: 'StoreUnavailable' });
    assert.equal((await store.heads([direct.id]))[0]?.seq, 1);
    await admin.query('SET GLOBAL read_only = 0');
    assert.deepEqual(brief(done(await store.commit([say(direct)], 'main'))), [2]);
  });

  test(`${flavour}: who may no longer write here has another server: all connections are made anew (C37)`, async (t) => {
    const url = await server.newDatabase();
    const admin = await server.connect(t, url);
    await server.open(t, { url });
    const plain = await server.plainUser(admin, url);
    const store = await server.open(t, { url: plain });
    const direct = await openTalk(store);
    done(await store.commit([say(direct)], 'main'));
    const connections = () => connectionsOf(admin, plain);
    const before = await connections();
    await admin.query('SET GLOBAL read_only = 1');
    t.after(() => admin.query('SET GLOBAL read_only = 0').catch(() => undefined));
    assert.equal((await store.commit([say(direct)], 'main')).state, 'failed');
    await until('none of the old ones is left', async () => {
      const now = await connections();
      return before.every((id) => !now.includes(id));
    });
    // Each is tried anew now and then, and none is left behind by that.
    for (let tries = 0; tries < 30; tries += 1) {
      assert.equal((await store.commit([say(direct)], 'main')).state, 'failed');
      await assert.rejects(store.setEdge(direct.low, direct.high, { added: true }), { name: 'StoreUnavailable' });
    }
    const left = await connections();
    assert.ok(left.length <= 12, `${left.length} connections`);
    await admin.query('SET GLOBAL read_only = 0');
    await until('it is written again', async () => (await store.commit([say(direct)], 'main')).state === 'done');
  });

  test(`${flavour}: a server that falls silent while it lets us in is not waited for without end`, async (t) => {
    const proxy = await CuttingProxy.open(t, await server.newDatabase());
    const store = await server.open(t, { url: proxy.url });
    const direct = await openTalk(store);
    proxy.cutAll();
    proxy.cutNext({ text: '@@max_allowed_packet', when: 'silently' });
    const startMs = performance.now();
    await assert.rejects(store.heads([direct.id]), { name: 'StoreUnavailable' });
    assert.equal(proxy.hasCut, true);
    assert.ok(performance.now() - startMs < SECONDS_MS, `${performance.now() - startMs} ms`);
    assert.equal((await store.heads([direct.id])).length, 1);
  });

  test(`${flavour}: a read whose connection breaks is done again`, async (t) => {
    const proxy = await CuttingProxy.open(t, await server.newDatabase());
    const store = await server.open(t, { url: proxy.url });
    const direct = await openTalk(store);
    proxy.cutNext({ text: 'FROM head', when: 'before' });
    assert.equal((await store.heads([direct.id])).length, 1);
    assert.equal(proxy.hasCut, true);
  });

  test(`[LIMIT-1] ${flavour}: a batch that is larger than a packet of the server goes out in parts`, async (t) => {
    const url = await server.newDatabase();
    const admin = await server.connect(t, url);
    await admin.query('SET GLOBAL max_allowed_packet = 1048576');
    const store = await server.open(t, { url });
    const direct = await openTalk(store);
    const batch = Array.from({ length: 400 }, () => say(direct, { text: `'\\"`.repeat(2_700) }));
    const results = brief(done(await store.commit(batch, 'main')));
    assert.deepEqual(
      results,
      batch.map((_, index) => index + 1),
    );
  });
});

async function connectionsOf(admin: Connection, url: string): Promise<number[]> {
  const { username } = new URL(url);
  const sql = 'SELECT id FROM information_schema.processlist WHERE user = ?';
  return (await admin.query<{ id: number }[]>(sql, [username])).map(({ id }) => id);
}
