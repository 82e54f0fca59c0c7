import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { FakeClock } from '@parley/testkit';
import {
  type BusTopic,
  type ConversationId,
  type Entry,
  type EntryPage,
  type Head,
  StoreUnavailable,
} from '../../src/chat/ports/index.ts';
import type { FeedListener } from '../../src/delivery/feed.ts';
import { Feeds } from '../../src/delivery/feeds.ts';
import { PageReader } from '../../src/delivery/page-reader.ts';
import { cursor, DIRECT, entries, entry, GROUP, pageOf, seqOf, tagOf } from './builders.ts';

const LIMIT = { entries: 200, bytes: 131_072 };

/** The feeds of a node over a store whose reads wait for the test. */
function startFeeds() {
  const clock = new FakeClock();
  const lines: string[] = [];
  const headReads: { ids: readonly ConversationId[]; answer: PromiseWithResolvers<Head[]> }[] = [];
  const pageReads: PromiseWithResolvers<EntryPage>[] = [];
  const heads = (ids: readonly ConversationId[]) => {
    const answer = Promise.withResolvers<Head[]>();
    headReads.push({ ids, answer });
    return answer.promise;
  };
  const readForward = () => {
    const answer = Promise.withResolvers<EntryPage>();
    pageReads.push(answer);
    return answer.promise;
  };
  const pages = new PageReader({ readForward });
  const log = { warn: () => undefined, error: (_details: object, message: string) => void lines.push(message) };
  const topics = new Set<unknown>();
  const bus = {
    subscribe: ({ id }: BusTopic) => void topics.add(id),
    unsubscribe: ({ id }: BusTopic) => void topics.delete(id),
  };
  const onForked = () => {
    lines.push('starts afresh');
    feeds.clear();
  };
  const feeds = new Feeds({ store: { heads }, pages, bus, clock, log, onForked });
  const listener: FeedListener = {
    started: () => void lines.push('started'),
    next: ({ seq }: Entry) => void lines.push(`${seq}`),
    caughtUp: () => undefined,
  };
  const listen = async (log: Entry[]) => {
    feeds.of(GROUP).listen(listener);
    await setImmediate();
    headReads.at(-1)?.answer.resolve([pageOf(log, 1).head]);
    await setImmediate();
  };
  return { topics, clock, lines, headReads, pageReads, pages, feeds, listener, listen };
}

test('heads that are wanted in one tick are read together', async () => {
  const { feeds, headReads, listener, lines } = startFeeds();
  feeds.of(GROUP).listen(listener);
  feeds.of(DIRECT).listen(listener);
  await setImmediate();
  assert.deepEqual(
    headReads.map(({ ids }) => ids),
    [[GROUP.id, DIRECT.id]],
  );
  headReads[0]?.answer.resolve([pageOf(entries(1, 3), 1).head, pageOf(entries(1, 5), 1).head]);
  await setImmediate();
  assert.deepEqual(
    [feeds.of(GROUP).position?.seq, feeds.of(DIRECT).position?.seq, lines],
    [3, 5, ['started', 'started']],
  );
});

test('a conversation is heard as long as somebody listens, and a feed that was left gets no head', async () => {
  const { feeds, headReads, listener, lines } = startFeeds();
  const feed = feeds.of(GROUP);
  feed.listen(listener);
  assert.equal(feeds.isHeard(GROUP.id), true);
  await setImmediate();
  feed.unlisten(listener);
  assert.equal(feeds.isHeard(GROUP.id), false);
  assert.notEqual(feeds.of(GROUP), feed, 'the next one is new');
  headReads[0]?.answer.resolve([pageOf(entries(1, 3), 1).head]);
  await setImmediate();
  assert.deepEqual([lines, feed.position], [[], undefined]);
});

test('[DELIV-2] a conversation is subscribed to before its first read, and no longer when nobody listens', async () => {
  const { feeds, topics, headReads, listener } = startFeeds();
  const feed = feeds.of(GROUP);
  assert.deepEqual([[...topics], headReads.length], [[GROUP.id], 0]);
  feed.listen(listener);
  feeds.of(DIRECT);
  feed.unlisten(listener);
  assert.deepEqual([...topics], [DIRECT.id]);
  feeds.clear();
  assert.deepEqual([...topics], []);
});

test("[DELIV-1] a feed does not take the answer of a session's read from before what it heard of", async () => {
  const { feeds, pages, pageReads, lines, listen } = startFeeds();
  await listen(entries(1, 4));
  const before = pages.read(GROUP.id, cursor(4), LIMIT);
  feeds.notice(GROUP.id, { seq: seqOf(5), tag: tagOf(5), prevTag: tagOf(4), entries: [] });
  assert.equal(pageReads.length, 2, 'it reads by itself');
  pageReads[0]?.resolve(pageOf(entries(1, 4), 4));
  await before;
  pageReads[1]?.resolve(pageOf(entries(1, 5), 4));
  await setImmediate();
  assert.deepEqual(lines, ['started', '5']);
});

test('reads are tried again until the store can serve', async () => {
  const { feeds, clock, headReads, pageReads, lines, listener } = startFeeds();
  feeds.of(GROUP).listen(listener);
  await setImmediate();
  headReads[0]?.answer.reject(new StoreUnavailable('down'));
  await setImmediate();
  clock.advance(250);
  await setImmediate();
  headReads[1]?.answer.resolve([pageOf(entries(1, 4), 1).head]);
  await setImmediate();
  feeds.notice(GROUP.id, { seq: seqOf(5), tag: tagOf(5), prevTag: tagOf(4), entries: [] });
  pageReads[0]?.reject(new StoreUnavailable('down'));
  await setImmediate();
  clock.advance(250);
  await setImmediate();
  pageReads[1]?.resolve(pageOf(entries(1, 5), 4));
  await setImmediate();
  assert.deepEqual(lines, ['started', '5']);
});

test('a read that fails for good makes the node start afresh: a silent feed would lose what follows', async () => {
  const { feeds, headReads, lines, listener } = startFeeds();
  feeds.of(GROUP).listen(listener);
  await setImmediate();
  headReads[0]?.answer.reject(new TypeError('a mistake'));
  await setImmediate();
  assert.deepEqual(lines, ['a feed could not read the log', 'starts afresh']);
  assert.equal(feeds.isHeard(GROUP.id), false);
});

test('[TAG-1] a fork makes the node drop every feed and start afresh, once', async () => {
  const { feeds, pageReads, lines, listen } = startFeeds();
  await listen(entries(1, 4));
  feeds.of(DIRECT);
  const foreign = [...entries(1, 3), entry(4, { tag: 99 as never }), entry(5)];
  feeds.notice(GROUP.id, { seq: seqOf(5), tag: tagOf(5), prevTag: tagOf(4), entries: [] });
  pageReads[0]?.resolve(pageOf(foreign, 4));
  await setImmediate();
  assert.deepEqual(lines, ['started', 'the database is not the one this node knew', 'starts afresh']);
  assert.deepEqual([feeds.isHeard(GROUP.id), feeds.isHeard(DIRECT.id)], [false, false]);
});
