import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, copyFileSync, fstatSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { createClientId, type Ord, type Seq, type Tag, type UserId } from '@parley/protocol';
import { unavailable } from '@parley/testkit';
import { type AppendRequest, type ConversationId, NO_DEVICE } from '../../../src/chat/ports/records.ts';
import { StoreUnavailable } from '../../../src/chat/ports/store.ts';
import type { SqliteStore } from '../../../src/store/sqlite/sqlite-store.ts';
import { StoreBroken } from '../../../src/store/store-errors.ts';
import { atEnd, openTestStore, temporaryFolder } from './test-store.ts';

const PAGE = { entries: 1_000_000, bytes: 1_000_000_000 };
const MIB = 1_024 * 1_024;

interface Talk {
  readonly conversation: ConversationId;
  readonly author: UserId;
}

async function startTalk(store: SqliteStore): Promise<Talk> {
  const key = createClientId();
  const author = await store.createUser({ name: key, key, passwordHash: '' });
  assert.ok(author !== undefined);
  const direct = await store.openDirect(author, author);
  assert.ok(typeof direct === 'object');
  return { conversation: direct.id, author };
}

function messages({ conversation, author }: Talk, count: number, text = 'hello'): AppendRequest[] {
  return Array.from({ length: count }, () => {
    const said = { text, target: null, role: null, after: null, hash: 1 } as const;
    return { conversation, author, authorName: '', clientId: createClientId(), kind: 'message' as const, ...said };
  });
}

/** A folder on a file system of its own, which is small; undefined (and told) when that cannot be had. */
function smallDisk(t: TestContext, bytes: number): string | undefined {
  const folder = temporaryFolder(t);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]);
  if (mounted.status !== 0) {
    unavailable(t, 'a small file system', 'only root may mount a tmpfs');
    return undefined;
  }
  atEnd(t, () => void execFileSync('umount', ['--lazy', folder]));
  return folder;
}

test('[SEND-1] a full disk refuses, loses nothing, and the store goes on when there is space', async (t) => {
  const folder = smallDisk(t, 6 * MIB);
  if (folder === undefined) return;
  const store = await openTestStore(t, { file: path.join(folder, 'parley.db'), tailEntries: 50 });
  const talk = await startTalk(store);
  const ballast = path.join(folder, 'ballast');
  writeFileSync(ballast, Buffer.alloc(2 * MIB));
  let stored = 0;
  const fill = async (rows: number): Promise<void> => {
    for (;;) {
      const outcome = await store.commit(messages(talk, rows, 'x'.repeat(1_000)));
      if (outcome.state === 'failed') return assert.match(outcome.reason, /full/);
      assert.equal(outcome.state, 'done');
      stored += rows;
    }
  };
  await fill(50);
  await fill(1);
  await assert.rejects(async () => {
    let from = (await store.findUser(talk.author))?.passwordHash ?? '';
    for (let n = 0; ; n += 1) {
      const to = `${n}`.padEnd(1_000_000, 'x');
      await store.changePassword({ user: talk.author, from, to, keep: NO_DEVICE });
      from = to;
    }
  }, StoreUnavailable);
  const { entries, head } = await store.readForward(talk.conversation, 1 as Seq, PAGE);
  assert.deepEqual([entries.length, head.seq], [stored, stored]);
  rmSync(ballast);
  const before = stored;
  await fill(50);
  assert.ok(stored > before);
  const after = await store.readForward(talk.conversation, 1 as Seq, PAGE);
  assert.deepEqual(
    after.entries.map(({ seq }) => seq),
    Array.from({ length: stored }, (_, index) => index + 1),
  );
});

test('a slow commit delays no read', async (t) => {
  const store = await openTestStore(t, { commitDelayMs: 400 });
  const talk = await startTalk(store);
  const commit = store.commit(messages(talk, 1));
  const start = performance.now();
  for (let count = 0; count < 20; count += 1) await store.findUser(talk.author);
  assert.ok(performance.now() - start < 300, `20 reads took ${performance.now() - start} ms`);
  assert.equal((await commit).state, 'done');
});

test('[TAG-1] a restored copy goes on with other tags, in the log and in private state', async (t) => {
  const [file, copy] = ['parley.db', 'copy.db'].map((name) => path.join(temporaryFolder(t), name)) as [string, string];
  const first = await openTestStore(t, { file });
  const talk = await startTalk(first);
  await first.commit(messages(talk, 3));
  await first.close();
  copyFileSync(file, copy);
  const ends: { head: unknown; version: unknown }[] = [];
  for (const each of [file, copy]) {
    const store = await openTestStore(t, { file: each });
    await store.commit(messages(talk, 2));
    await store.movePositions([{ ...talk, user: talk.author, which: 'read', to: 5 as Seq, base: 0 as Ord }]);
    const [head] = await store.heads([talk.conversation]);
    const { version } = await store.readState(talk.author, { rev: 0, tag: 0 as Tag }, { limit: 10, paging: false });
    assert.deepEqual([head?.seq, version.rev], [5, 2]);
    ends.push({ head: head?.tag, version: version.tag });
  }
  assert.notEqual(ends[0]?.head, ends[1]?.head);
  assert.notEqual(ends[0]?.version, ends[1]?.version);
});

test('[LIMIT-1] the write-ahead log stays bounded under steady reading, and after a reader that held it', async (t) => {
  const file = path.join(temporaryFolder(t), 'parley.db');
  const store = await openTestStore(t, { file, walBytes: MIB });
  const talk = await startTalk(store);
  const ended = new AbortController();
  const readers = Array.from({ length: 4 }, async () => {
    while (!ended.signal.aborted)
      await store.readBackward(talk.conversation, 1_000_000 as Seq, { entries: 200, bytes: MIB });
  });
  atEnd(t, async () => {
    ended.abort();
    await Promise.all(readers);
  });
  const write = async (): Promise<void> => {
    for (let count = 0; count < 300; count += 1) await store.commit(messages(talk, 20, 'x'.repeat(1_000)));
  };
  await write();
  const walBytes = (): number => statSync(`${file}-wal`).size;
  assert.ok(walBytes() < 12 * MIB, `${walBytes()} bytes`);
  // Somebody looks into the file with a shell, and goes for coffee.
  const shell = new DatabaseSync(file, { readOnly: true });
  shell.exec('BEGIN; SELECT count(*) FROM user');
  await write();
  const held = walBytes();
  shell.close();
  await write();
  assert.ok(held > 12 * MIB && walBytes() < 12 * MIB, `${held} bytes, then ${walBytes()}`);
});

test('what another process writes to the file is seen by the next transaction', async (t) => {
  const file = path.join(temporaryFolder(t), 'parley.db');
  const [one, other] = [await openTestStore(t, { file }), await openTestStore(t, { file })];
  const talk = await startTalk(one);
  for (let round = 0; round < 5; round += 1) {
    for (const store of [one, other]) assert.equal((await store.commit(messages(talk, 3))).state, 'done');
  }
  for (const store of [one, other]) {
    const { entries } = await store.readForward(talk.conversation, 1 as Seq, PAGE);
    assert.deepEqual(
      entries.map(({ seq }) => seq),
      Array.from({ length: 30 }, (_, index) => index + 1),
    );
  }
});

test('after close nothing is taken, and closing waits for what is under way', async (t) => {
  const store = await openTestStore(t, { commitDelayMs: 50 });
  const talk = await startTalk(store);
  const commit = store.commit(messages(talk, 1));
  await store.close();
  assert.equal((await commit).state, 'done');
  assert.equal((await store.commit(messages(talk, 1))).state, 'failed');
  assert.deepEqual(await store.settle(messages(talk, 1)), { state: 'unknown' });
  await assert.rejects(store.findUser(talk.author), StoreUnavailable);
  await store.close();
});

test('a file that is damaged breaks the store, and no outcome is made up', async (t) => {
  const file = path.join(temporaryFolder(t), 'parley.db');
  const first = await openTestStore(t, { file });
  const talk = await startTalk(first);
  await first.commit(messages(talk, 2_000));
  await first.close();
  // All but the first two pages: the schema can still be read.
  const handle = openSync(file, 'r+');
  const size = fstatSync(handle).size - 2 * 4_096;
  writeSync(handle, Buffer.alloc(size, 0x5a), 0, size, 2 * 4_096);
  closeSync(handle);
  const broken: Error[] = [];
  try {
    const store = await openTestStore(t, { file, onBroken: (error) => broken.push(error) });
    assert.deepEqual(await store.commit(messages(talk, 1)), { state: 'unknown' });
    assert.equal(broken.length, 1);
  } catch (error) {
    assert.ok(error instanceof StoreBroken, String(error));
  }
});
