import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UserId } from '@parley/protocol';
import type { Connection } from 'mariadb';
import type { AppendRequest, Store } from '../../../src/chat/ports/index.ts';
import { CuttingProxy } from './cutting-proxy.ts';
import { addPerson, brief, type Direct, done, openTalk, readLog, say, until } from './talk.ts';
import { onEachServer, untilWaiting } from './test-server.ts';

await onEachServer((server) => {
  const { flavour } = server;

  test(`[ORDER-1] ${flavour}: two nodes that write to one conversation at once make one dense log`, async (t) => {
    const url = await server.newDatabase();
    const nodes = [await server.open(t, { url }), await server.open(t, { url })];
    const direct = await openTalk(nodes[0] as Store);
    const results = await Promise.all(nodes.map((node) => writeChain(node, direct, 40)));
    const log = await readLog(nodes[0] as Store, direct);
    assert.deepEqual(
      log.map(({ seq, ord }) => [seq, ord]),
      log.map((_, index) => [index + 1, index + 1]),
    );
    assert.equal(log.length, 2 * 40 * 5);
    for (const placed of results.flat()) assert.equal(log[placed.seq - 1]?.tag, placed.tag);
    for (const placed of results.flat()) assert.equal(placed.prevTag, log[placed.seq - 2]?.tag ?? 0);
  });

  test(`[IDENT-2] ${flavour}: what one node changes of who may write holds for the other's next batch`, async (t) => {
    const url = await server.newDatabase();
    const [one, other] = [await server.open(t, { url }), await server.open(t, { url })];
    const direct = await openTalk(one);
    const { low, high } = direct;
    for (const blocked of [true, false, true]) {
      done(await other.commit([say(direct, { author: high })], 'main'));
      await one.setEdge(high, low, { blocked });
      const [code] = brief(done(await other.commit([say(direct, { author: low })], 'main')));
      assert.equal(code === 'blocked', blocked);
    }
    const kicked = await addPerson(one);
    const group = await openGroup(one, low);
    const by = (author: UserId, said: Partial<AppendRequest>) => say({ ...direct, id: group }, { ...said, author });
    done(await one.commit([by(kicked, { kind: 'join', text: null })], 'main'));
    assert.deepEqual(brief(done(await other.commit([by(kicked, {})], 'main'))), [3]);
    done(await one.commit([by(low, { kind: 'kick', text: null, target: kicked })], 'main'));
    assert.deepEqual(brief(done(await other.commit([by(kicked, {})], 'main'))), ['not_member']);
  });

  test(`[SEND-2] ${flavour}: what another node stored is a repeat here, beside what is new`, async (t) => {
    const url = await server.newDatabase();
    const [one, other] = [await server.open(t, { url }), await server.open(t, { url })];
    const direct = await openTalk(one);
    const sent = say(direct);
    const [first] = done(await one.commit([sent], 'main'));
    const [fresh, repeat, next] = done(
      await other.commit([say(direct), sent, say(direct, { after: sent.clientId })], 'main'),
    );
    assert.deepEqual(repeat, { ...first, fresh: false, prevTag: 0 });
    assert.deepEqual(brief([fresh, next]), [2, 3]);
    assert.deepEqual(brief(done(await other.commit([say(direct, { after: sent.clientId })], 'aside'))), [4]);
  });

  test(`[SEND-1] ${flavour}: what a failover lost is stored when it is sent again, not taken for a repeat`, async (t) => {
    const proxy = await CuttingProxy.open(t, await server.newDatabase());
    const store = await server.open(t, { url: proxy.url });
    const direct = await openTalk(store);
    const [kept, lost, next] = [say(direct), say(direct), say(direct)];
    done(await store.commit([kept, lost], 'main'));
    const connection = await server.connect(t, proxy.url);
    await loseAllAfter(connection, direct, 1);
    proxy.cutNext({ text: 'FOR UPDATE', when: 'before' });
    assert.equal((await store.commit([next], 'main')).state, 'failed');
    const follower = say(direct, { after: lost.clientId });
    assert.deepEqual(brief(done(await store.commit([follower], 'main'))), ['after_failed']);
    done(await store.commit([next, lost], 'main'));
    const log = await readLog(store, direct);
    assert.deepEqual(
      log.map(({ clientId }) => clientId),
      [kept, next, lost].map(({ clientId }) => clientId),
    );
  });

  test(`[SEND-1] ${flavour}: nor when an older copy was put back under the same connections, once that is found`, async (t) => {
    const url = await server.newDatabase();
    const store = await server.open(t, { url });
    const direct = await openTalk(store);
    await store.read();
    const [kept, lost] = [say(direct), say(direct)];
    done(await store.commit([kept], 'main'));
    done(await store.commit([lost], 'main'));
    await loseAllAfter(await server.connect(t, url), direct, 1);
    assert.deepEqual(await store.read(), { state: 'forked' });
    const [again] = done(await store.commit([lost], 'main'));
    assert.ok(again !== undefined && again.state !== 'refused');
    const log = await readLog(store, direct);
    assert.deepEqual(
      log.map(({ clientId }) => clientId),
      [kept.clientId, lost.clientId],
    );
    assert.equal(log[1]?.tag, again.tag);
  });

  test(`${flavour}: a head that stays locked is stuck, while others are committed`, async (t) => {
    const url = await server.newDatabase();
    const store = await server.open(t, { url });
    const [stuck, free] = [await openTalk(store), await openTalk(store)];
    const holder = await server.connect(t, url);
    await holder.query('BEGIN; SELECT * FROM head WHERE conversation = ? FOR UPDATE', [stuck.id]);
    const missing = { ...free, id: 999_999 as Direct['id'] };
    const batch = [say(stuck), say(free), say(missing), say(free)];
    assert.deepEqual(brief(done(await store.commit(batch, 'main'))), [undefined, 1, 'no_such_conversation', 2]);
    assert.deepEqual(brief(done(await store.commit([say(stuck)], 'aside'))), [undefined]);
    await holder.query('ROLLBACK');
    assert.deepEqual(brief(done(await store.commit([say(stuck)], 'aside'))), [1]);
  });

  test(`${flavour}: a row that the database does not take is refused alone, with what hangs on it`, async (t) => {
    const store = await server.open(t);
    const direct = await openTalk(store);
    const bad = say(direct, { text: 'x'.repeat(70_000) });
    const batch = [say(direct), say(direct), bad, say(direct, { after: bad.clientId }), say(direct)];
    assert.deepEqual(brief(done(await store.commit(batch, 'main'))), [1, 2, 'internal', 'after_failed', 3]);
    const two = [say(direct, { hash: 2 ** 64 }), ...Array.from({ length: 20 }, () => say(direct)), bad];
    assert.deepEqual(brief(done(await store.commit(two, 'main'))).filter((each) => each === 'internal').length, 2);
    assert.equal((await readLog(store, direct)).length, 23);
  });

  for (const when of ['before', 'after'] as const) {
    test(`[SEND-5] ${flavour}: a connection that is lost just ${when} COMMIT arrived is settled by what is there`, async (t) => {
      const url = await server.newDatabase();
      const proxy = await CuttingProxy.open(t, url);
      const store = await server.open(t, { url: proxy.url });
      const direct = await openTalk(store);
      done(await store.commit([say(direct)], 'main'));
      const batch = [say(direct), say(direct)];
      proxy.cutNext({ text: 'COMMIT', when });
      assert.deepEqual(await store.commit(batch, 'main'), { state: 'unknown' });
      assert.deepEqual(brief(await settle(store, batch)), when === 'before' ? [undefined, undefined] : [2, 3]);
      const again = done(await store.commit(batch, 'main'));
      assert.deepEqual(brief(again), [2, 3]);
      assert.equal((await readLog(store, direct)).length, 3);
    });
  }

  test(`[SEND-1] ${flavour}: a connection that is lost before anything was written fails, and the next batch has another`, async (t) => {
    const proxy = await CuttingProxy.open(t, await server.newDatabase());
    const store = await server.open(t, { url: proxy.url });
    const direct = await openTalk(store);
    proxy.cutNext({ text: 'START TRANSACTION', when: 'after' });
    assert.equal((await store.commit([say(direct)], 'main')).state, 'failed');
    proxy.refusing = true;
    assert.equal((await store.commit([say(direct)], 'main')).state, 'failed');
    proxy.refusing = false;
    await until('it is served again', async () => (await store.commit([say(direct)], 'main')).state === 'done');
    assert.equal((await readLog(store, direct)).length, 1);
  });

  test(`[IDENT-2] ${flavour}: a read of the rules that failed leaves nothing behind`, async (t) => {
    const proxy = await CuttingProxy.open(t, await server.newDatabase());
    const store = await server.open(t, { url: proxy.url });
    const { low, high } = await openTalk(store);
    const group = await openGroup(store, low);
    const by = (author: UserId, said: Partial<AppendRequest>) => say({ id: group, low } as Direct, { ...said, author });
    for (const [text, request] of [
      ['FROM member', by(low, {})],
      ['COUNT(*)', by(high, { kind: 'join', text: null })],
      ['FROM contact', say(await openTalk(store))],
      ['INSERT INTO member', by(high, { kind: 'join', text: null })],
    ] as const) {
      proxy.cutNext({ text, when: 'before' });
      assert.notEqual((await store.commit([request], 'main')).state, 'done', text);
      assert.equal(proxy.hasCut, true, text);
      if (text === 'COUNT(*)') continue;
      await store.settle([request], 'main');
      const [result] = brief(done(await store.commit([request], 'main')));
      assert.equal(typeof result, 'number', text);
    }
    assert.equal((await store.members(group, 0, 10)).length, 2);
  });

  test(`${flavour}: a deadlock is tried again at once`, async (t) => {
    const url = await server.newDatabase();
    const store = await server.open(t, { url });
    const talks = [await openTalk(store), await openTalk(store)] as const;
    const other = await server.connect(t, url);
    for (let round = 0; round < 3; round += 1) {
      // The other one locks against the order; whoever is chosen to end, the batch is committed.
      await other.query('BEGIN; SELECT * FROM head WHERE conversation = ? FOR UPDATE', [talks[1].id]);
      const committing = store.commit([say(talks[0]), say(talks[1])], 'main');
      await untilWaiting(url);
      const crossing = other.query('UPDATE head SET rules = rules + 1 WHERE conversation = ?', [talks[0].id]);
      await crossing.then(() => other.query('COMMIT')).catch(() => other.query('ROLLBACK'));
      assert.deepEqual(brief(done(await committing)), [round + 1, round + 1]);
    }
  });
});

/** Writes batches of five, each entry after the one before. */
async function writeChain(store: Store, direct: Direct, batches: number) {
  const placed = [];
  let after: string | null = null;
  for (let count = 0; count < batches; count += 1) {
    const batch: AppendRequest[] = [];
    for (let row = 0; row < 5; row += 1) {
      const request: AppendRequest = say(direct, { after });
      after = request.clientId;
      batch.push(request);
    }
    for (const result of done(await store.commit(batch, 'main'))) {
      assert.ok(result !== undefined && result.state !== 'refused');
      placed.push(result);
    }
  }
  return placed;
}

async function openGroup(store: Store, creator: Direct['low']): Promise<Direct['id']> {
  const name = crypto.randomUUID();
  const made = await store.createGroup({ creator, name, key: name, description: '', clientId: name, hash: 1 });
  assert.ok(made.state === 'created');
  return made.conversation.id;
}

async function settle(store: Store, batch: readonly AppendRequest[]) {
  for (;;) {
    const outcome = await store.settle(batch, 'main');
    if (outcome.state === 'settled') return outcome.results;
  }
}

/** Makes the database an older copy of itself, which has the entries up to `seq`. */
async function loseAllAfter(connection: Connection, { id }: Direct, seq: number): Promise<void> {
  await connection.query('DELETE FROM entry WHERE conversation = ? AND seq > ?', [id, seq]);
  await connection.query(
    `UPDATE head JOIN entry USING (conversation) SET head.seq = entry.seq, head.ord = entry.ord, head.tag = entry.tag
     WHERE conversation = ?`,
    [id],
  );
  await connection.query(`DELETE FROM journal WHERE what LIKE '{"h"%'`);
}
