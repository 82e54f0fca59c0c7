import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EntryPage, PageLimit } from '../../src/chat/ports/index.ts';
import { PageReader } from '../../src/delivery/page-reader.ts';
import { cursor, DIRECT, entries, GROUP, pageOf } from './builders.ts';

const LIMIT: PageLimit = { entries: 200, bytes: 1_000 };
const PAGE = pageOf(entries(1, 5), 3);

/** A store whose reads wait for the test. */
function startReader() {
  const asked: PromiseWithResolvers<EntryPage>[] = [];
  const readForward = () => {
    const answer = Promise.withResolvers<EntryPage>();
    asked.push(answer);
    return answer.promise;
  };
  return { asked, reader: new PageReader({ readForward }) };
}

test('[DELIV-1] who asks for the same page while it is being read shares the read', async () => {
  const { asked, reader } = startReader();
  const one = reader.read(GROUP.id, cursor(3), LIMIT);
  const other = reader.read(GROUP.id, cursor(3), LIMIT);
  assert.equal(asked.length, 1);
  asked[0]?.resolve(PAGE);
  assert.deepEqual(await Promise.all([one, other]), [PAGE, PAGE]);
  void reader.read(GROUP.id, cursor(3), LIMIT);
  assert.equal(asked.length, 2, 'afterwards it is read again');
});

test('another conversation, place, tag or length is another page', () => {
  const { asked, reader } = startReader();
  void reader.read(GROUP.id, cursor(3), LIMIT);
  void reader.read(DIRECT.id, cursor(3), LIMIT);
  void reader.read(GROUP.id, cursor(4), LIMIT);
  void reader.read(GROUP.id, cursor(3, 99), LIMIT);
  void reader.read(GROUP.id, cursor(3), { ...LIMIT, entries: 1 });
  assert.equal(asked.length, 5);
});

test('[DELIV-1] a read afresh does not take the answer of one that was asked for before', async () => {
  const { asked, reader } = startReader();
  const before = reader.read(GROUP.id, cursor(3), LIMIT);
  const fresh = reader.readAfresh(GROUP.id, cursor(3), LIMIT);
  const after = reader.read(GROUP.id, cursor(3), LIMIT);
  assert.equal(asked.length, 2);
  const old = pageOf(entries(1, 3), 3);
  asked[0]?.resolve(old);
  assert.equal(await before, old);
  const stillShared = reader.read(GROUP.id, cursor(3), LIMIT);
  asked[1]?.resolve(PAGE);
  assert.deepEqual(await Promise.all([fresh, after, stillShared]), [PAGE, PAGE, PAGE]);
  assert.equal(asked.length, 2);
});

test('a read that fails fails for all who share it, and is asked for anew afterwards', async () => {
  const { asked, reader } = startReader();
  const shared = [reader.read(GROUP.id, cursor(3), LIMIT), reader.read(GROUP.id, cursor(3), LIMIT)];
  asked[0]?.reject(new Error('gone'));
  for (const page of shared) await assert.rejects(page, /gone/);
  const again = reader.read(GROUP.id, cursor(3), LIMIT);
  asked[1]?.resolve(PAGE);
  assert.equal(await again, PAGE);
});

test('[LIMIT-1] at most 32 reads are under way at once, failed ones make room too', async () => {
  const { asked, reader } = startReader();
  const pages = Array.from({ length: 40 }, (_, index) => reader.read(GROUP.id, cursor(index + 1), LIMIT));
  assert.equal(asked.length, 32);
  asked[0]?.resolve(PAGE);
  asked[1]?.reject(new Error('gone'));
  await assert.rejects(pages[1] as Promise<EntryPage>);
  assert.equal(asked.length, 34);
  for (let index = 2; index < 40; index += 1) {
    asked[index]?.resolve(PAGE);
    await pages[index];
  }
  void reader.read(GROUP.id, cursor(100), LIMIT);
  assert.equal(asked.length, 41);
});
