import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BusEvent, type JournalNews, NO_DEVICE } from '../../../src/chat/ports/index.ts';
import { CuttingProxy } from './cutting-proxy.ts';
import { brief, done, openTalk, say } from './talk.ts';
import { onEachServer } from './test-server.ts';

await onEachServer((server) => {
  const { flavour } = server;

  test(`[DELIV-2] ${flavour}: a node reads what the other committed, once and in order, and nothing of its own`, async (t) => {
    const url = await server.newDatabase();
    const [one, other] = [await server.open(t, { url }), await server.open(t, { url })];
    const direct = await openTalk(one);
    for (const store of [one, other]) assert.deepEqual(await store.read(), { state: 'news', events: [] });
    for (let count = 0; count < 3; count += 1) done(await one.commit([say(direct), say(direct)], 'main'));
    done(await one.commit([say(direct)], 'aside'));
    const events = eventsOf(await other.read());
    const seqs = events.map((event) => (event.kind === 'entries' ? event.seq : 0));
    assert.deepEqual(
      seqs.toSorted((a, b) => a - b),
      [2, 4, 6, 7],
    );
    const [head] = await one.heads([direct.id]);
    const last = events.find((event) => event.kind === 'entries' && event.seq === 7);
    assert.deepEqual(last, {
      kind: 'entries',
      conversation: direct.id,
      prevTag: 0,
      entries: [],
      seq: 7,
      tag: head?.tag,
    });
    for (const store of [one, other]) assert.deepEqual(await store.read(), { state: 'news', events: [] });
  });

  test(`[DELIV-2] ${flavour}: changes of private state and revoked devices are told, and those of a node that came later`, async (t) => {
    const url = await server.newDatabase();
    const reader = await server.open(t, { url });
    await reader.read();
    const later = await server.open(t, { url });
    const { low, high } = await openTalk(later);
    const device = await later.createDevice({ user: low, name: 'x', tokenHash: new Uint8Array(32), atMs: 1 });
    await later.setEdge(low, high, { added: true });
    await later.revokeDevice(low, device);
    await later.changePassword({ user: low, from: '', to: 'new', keep: device });
    const events = eventsOf(await reader.read());
    assert.deepEqual(
      events.map((event) => (event.kind === 'users' ? event.users.toSorted((a, b) => a - b) : event)),
      [
        [low, high],
        [low, high],
        { kind: 'revoked', user: low, devices: [device] },
        // Classic sessions have none, and end with the others when the password changes. [IDENT-3]
        { kind: 'revoked', user: low, devices: [NO_DEVICE] },
      ],
    );
  });

  test(`[SEND-5] ${flavour}: what a lost connection had committed is told to its own node as well`, async (t) => {
    const proxy = await CuttingProxy.open(t, await server.newDatabase());
    const store = await server.open(t, { url: proxy.url });
    const { low, high } = await openTalk(store);
    await store.read();
    proxy.cutNext({ text: 'COMMIT', when: 'after' });
    assert.equal(await store.setEdge(low, high, { added: true }), true);
    assert.equal(proxy.hasCut, true);
    const [event] = eventsOf(await store.read());
    assert.deepEqual(event?.kind === 'users' && event.users.toSorted((a, b) => a - b), [low, high]);
  });

  test(`[SEND-1] ${flavour}: a change whose connection was lost before COMMIT arrived fails, and is not made later`, async (t) => {
    const proxy = await CuttingProxy.open(t, await server.newDatabase());
    const store = await server.open(t, { url: proxy.url });
    const { low, high } = await openTalk(store);
    proxy.cutNext({ text: 'COMMIT', when: 'before' });
    await assert.rejects(store.setEdge(low, high, { added: true }), { name: 'StoreUnavailable' });
    assert.deepEqual(await store.listContacts(low, 0, 10), []);
    assert.equal(await store.setEdge(low, high, { added: true }), true);
  });

  test(`[DELIV-2] ${flavour}: who has not read while rows were deleted is behind, and then reads on`, async (t) => {
    const url = await server.newDatabase();
    const [one, other] = [await server.open(t, { url }), await server.open(t, { url })];
    const direct = await openTalk(one);
    await other.read();
    done(await one.commit([say(direct)], 'main'));
    done(await one.commit([say(direct)], 'main'));
    const connection = await server.connect(t, url);
    await connection.query(`DELETE FROM journal WHERE what LIKE '{"h"%' ORDER BY n LIMIT 1`);
    assert.deepEqual(await other.read(), { state: 'behind' });
    assert.deepEqual(await other.read(), { state: 'news', events: [] });
    done(await one.commit([say(direct)], 'main'));
    assert.equal(eventsOf(await other.read()).length, 1);
  });

  test(`[DELIV-2] ${flavour}: a database that has lost this node's last rows is another one`, async (t) => {
    const url = await server.newDatabase();
    const [one, other] = [await server.open(t, { url }), await server.open(t, { url })];
    const direct = await openTalk(one);
    for (const store of [one, other]) await store.read();
    done(await one.commit([say(direct)], 'main'));
    assert.deepEqual(await one.read(), { state: 'news', events: [] });
    const connection = await server.connect(t, url);
    await connection.query(`DELETE FROM journal WHERE what LIKE '{"h"%'`);
    assert.deepEqual(await one.read(), { state: 'forked' });
    assert.deepEqual(await one.read(), { state: 'news', events: [] });
    done(await one.commit([say(direct)], 'main'));
    assert.deepEqual(await one.read(), { state: 'news', events: [] });
    assert.equal(eventsOf(await other.read()).length, 1, 'by a new writer');
  });

  test(`[LIMIT-1] ${flavour}: more news than memory should hold are told as being behind`, async (t) => {
    const url = await server.newDatabase();
    const store = await server.open(t, { url });
    await store.read();
    const connection = await server.connect(t, url);
    await connection.query('INSERT INTO writer VALUES (5, UNIX_TIMESTAMP() * 1000)');
    const what = JSON.stringify({ h: Array.from({ length: 20_000 }, (_, index) => [index + 1, 1, 1]) });
    for (let n = 1; n <= 6; n += 1) await connection.query('INSERT INTO journal VALUES (5, ?, 0, ?)', [n, what]);
    assert.equal((await store.read()).state, 'behind');
    await connection.query('INSERT INTO journal VALUES (5, 7, 0, ?)', [what]);
    assert.equal(eventsOf(await store.read()).length, 20_000);
  });

  test(`[IDENT-2] ${flavour}: the journal is read while all connections for other reads are busy`, async (t) => {
    const url = await server.newDatabase();
    const store = await server.open(t, { url, readers: 1 });
    const direct = await openTalk(store);
    await store.read();
    const admin = await server.connect(t, url);
    await admin.query('LOCK TABLES head WRITE');
    const busy = store.heads([direct.id]);
    assert.deepEqual(await store.read(), { state: 'news', events: [] });
    await admin.query('UNLOCK TABLES');
    assert.equal((await busy).length, 1);
  });

  test(`[DELIV-2] ${flavour}: a writer that was taken for dead by a clock that jumped is entered again`, async (t) => {
    const url = await server.newDatabase();
    const [one, other] = [await server.open(t, { url }), await server.open(t, { url })];
    const direct = await openTalk(one);
    await other.read();
    // It lives, and has told nothing yet that could be missed.
    assert.deepEqual(brief(done(await one.commit([say(direct, { after: 'never sent' })], 'main'))), ['after_failed']);
    const connection = await server.connect(t, url);
    await connection.query('DELETE FROM writer');
    await one.sweepJournal();
    assert.equal((await other.read()).state, 'news');
    done(await one.commit([say(direct)], 'main'));
    assert.equal(eventsOf(await other.read()).filter(({ kind }) => kind === 'entries').length, 1);
  });

  test(`[TAG-1] ${flavour}: a database that has lost the rows read last is another one, for a node that wrote nothing`, async (t) => {
    const url = await server.newDatabase();
    const [one, other] = [await server.open(t, { url }), await server.open(t, { url })];
    const direct = await openTalk(one);
    await other.read();
    done(await one.commit([say(direct)], 'main'));
    assert.equal(eventsOf(await other.read()).length, 1);
    assert.deepEqual(await other.read(), { state: 'news', events: [] });
    const connection = await server.connect(t, url);
    await connection.query(`DELETE FROM journal WHERE what LIKE '{"h"%'`);
    assert.deepEqual(await other.read(), { state: 'forked' });
    assert.deepEqual(await other.read(), { state: 'news', events: [] });
  });

  test(`[TAG-1] ${flavour}: a failover that breaks all links and loses the last rows is noticed`, async (t) => {
    const proxy = await CuttingProxy.open(t, await server.newDatabase());
    const store = await server.open(t, { url: proxy.url });
    const direct = await openTalk(store);
    await store.read();
    done(await store.commit([say(direct)], 'main'));
    proxy.cutNext({ text: 'COMMIT', when: 'before' });
    assert.notEqual((await store.commit([say(direct)], 'main')).state, 'done');
    const connection = await server.connect(t, proxy.url);
    await connection.query(`DELETE FROM journal WHERE what LIKE '{"h"%'`);
    assert.deepEqual(await store.read(), { state: 'forked' });
    assert.deepEqual(await store.read(), { state: 'news', events: [] });
  });

  test(`[TAG-1] ${flavour}: that a database is another one is told even when the connection breaks just then`, async (t) => {
    const proxy = await CuttingProxy.open(t, await server.newDatabase());
    const store = await server.open(t, { url: proxy.url });
    const direct = await openTalk(store);
    await store.read();
    done(await store.commit([say(direct)], 'main'));
    assert.deepEqual(await store.read(), { state: 'news', events: [] });
    const connection = await server.connect(t, proxy.url);
    await connection.query(`DELETE FROM journal WHERE what LIKE '{"h"%'`);
    proxy.cutNext({ text: 'ORDER BY j.n DESC LIMIT 1', when: 'before' });
    assert.deepEqual(await store.read(), { state: 'forked' });
    assert.equal(proxy.hasCut, true);
    assert.deepEqual(await store.read(), { state: 'news', events: [] });
  });

  test(`${flavour}: old rows and dead writers are swept, and nobody falls behind by that`, async (t) => {
    const url = await server.newDatabase();
    const [one, other] = [await server.open(t, { url, journalKeptMs: 200 }), await server.open(t, { url })];
    await openTalk(one);
    await other.read();
    const connection = await server.connect(t, url);
    const count = async (table: string) =>
      (await connection.query<[{ n: number }]>(`SELECT COUNT(*) AS n FROM ${table}`))[0].n;
    await connection.query(
      'INSERT INTO writer VALUES (5, 0); INSERT INTO journal VALUES (5, 1, 0, "{}"), (5, 2, 0, "{}")',
    );
    const before = await count('journal');
    await one.sweepJournal();
    assert.equal(await count('journal'), before - 2);
    assert.equal(await count('writer WHERE id = 5'), 0);
    const [{ id }] = await connection.query<[{ id: number }]>('SELECT id FROM writer LIMIT 1');
    await connection.query(
      `INSERT INTO journal WITH RECURSIVE c AS (SELECT 2 AS n UNION ALL SELECT n + 1 FROM c WHERE n < 900)
       SELECT ?, n, 0, '{}' FROM c`,
      [id],
    );
    for (const from of [900, 1_800, 2_700]) {
      await connection.query(
        "INSERT INTO journal SELECT writer, n + ?, 0, '{}' FROM journal WHERE writer = ? AND n BETWEEN 2 AND 900",
        [from, id],
      );
    }
    await one.sweepJournal();
    assert.ok((await count('journal')) <= 2_001);
  });
});

function eventsOf(news: JournalNews): readonly BusEvent[] {
  assert.ok(news.state === 'news', news.state);
  return news.events;
}
