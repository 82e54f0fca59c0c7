import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cursor, Entry } from '../../src/chat/ports/index.ts';
import { RingBudget } from '../../src/delivery/entry-ring.ts';
import { Feed, type FeedEffects, type FeedListener } from '../../src/delivery/feed.ts';
import { cursor, entries, entry, GROUP, pageOf, seqOf, tagOf } from './builders.ts';

/** One feed with one listener over a log that the test writes; reads are answered when the test says so. */
class FeedBench implements FeedEffects, FeedListener {
  readonly feed = new Feed(GROUP, this, new RingBudget(1_000_000));
  log: Entry[];
  readonly lines: string[] = [];
  readonly #reads: Cursor[] = [];

  constructor(log: Entry[]) {
    this.log = log;
  }

  readHead(): void {
    this.lines.push('read head');
  }

  readPage(_feed: Feed, from: Cursor): void {
    this.lines.push(`read ${from.seq}`);
    this.#reads.push(from);
  }

  forked(): void {
    this.lines.push('forked');
  }

  unheard(): void {
    this.lines.push('unheard');
  }

  started(): void {
    this.lines.push(`started ${this.feed.position?.seq}`);
  }

  next({ seq }: Entry): void {
    this.lines.push(`${seq}`);
  }

  caughtUp(): void {
    this.lines.push('caught up');
  }

  /** A bench whose feed has read its head. */
  static started(log: Entry[]): FeedBench {
    const bench = new FeedBench(log);
    bench.feed.listen(bench);
    bench.answerHead();
    bench.take();
    return bench;
  }

  answerHead(log = this.log): void {
    this.feed.headRead(pageOf(log, 1).head);
  }

  /** Answers the feed's read, with what the log was when the test took it. */
  answerRead(log = this.log, limit = 200): void {
    const from = this.#reads.shift() as Cursor;
    this.feed.ownPageRead(from, pageOf(log, from.seq, limit));
  }

  /** Commits and tells, as this node would. */
  commit(...added: Entry[]): void {
    this.log = [...this.log, ...added];
    this.tell(...added);
  }

  tell(...added: Entry[]): void {
    const first = added[0] as Entry;
    const last = added.at(-1) as Entry;
    this.feed.notice({ seq: last.seq, tag: last.tag, prevTag: tagOf(first.seq - 1), entries: added });
  }

  /** Tells only how far the log reaches. */
  tellHead(seq: number): void {
    this.feed.notice({ seq: seqOf(seq), tag: tagOf(seq), prevTag: tagOf(seq - 1), entries: [] });
  }

  take(): string[] {
    return this.lines.splice(0);
  }
}

test('a feed reads its head once, for its first listener, and tells each that it has started', () => {
  const bench = new FeedBench(entries(1, 4));
  bench.feed.listen(bench);
  bench.feed.listen({ ...silent(), started: () => bench.lines.push('other started') });
  assert.deepEqual(bench.take(), ['read head']);
  bench.answerHead();
  assert.deepEqual(bench.take(), ['started 4', 'other started']);
  bench.feed.listen({ ...silent(), started: () => bench.lines.push('late started') });
  assert.deepEqual(bench.take(), ['late started']);
});

test('[DELIV-1] a notice before the head was read is made up for by one read', () => {
  const bench = new FeedBench(entries(1, 4));
  bench.feed.listen(bench);
  const old = bench.log;
  bench.commit(entry(5));
  bench.answerHead(old);
  assert.deepEqual(bench.take(), ['read head', 'started 4', 'read 4']);
  bench.answerRead();
  assert.deepEqual(bench.take(), ['5', 'caught up']);
});

test('[DELIV-1] a notice that the head read had seen already costs nothing', () => {
  const bench = new FeedBench(entries(1, 4));
  bench.feed.listen(bench);
  bench.commit(entry(5));
  bench.answerHead();
  assert.deepEqual(bench.take(), ['read head', 'started 5']);
});

test('[DELIV-1] a body that follows is emitted at once, without a read', () => {
  const bench = FeedBench.started(entries(1, 4));
  bench.commit(entry(5), entry(6));
  bench.commit(entry(7));
  assert.deepEqual(bench.take(), ['5', '6', '7']);
});

test('[DELIV-2] the same notice twice is emitted once', () => {
  const bench = FeedBench.started(entries(1, 4));
  bench.commit(entry(5));
  bench.tell(entry(5));
  assert.deepEqual(bench.take(), ['5']);
});

test('[DELIV-2] a notice that leaves a hole makes the feed read, and nothing is emitted out of order', () => {
  const bench = FeedBench.started(entries(1, 4));
  bench.log = entries(1, 6);
  bench.tell(entry(6));
  assert.deepEqual(bench.take(), ['read 4']);
  bench.tell(entry(5));
  assert.deepEqual(bench.take(), ['5'], 'the late one follows: no need to wait for the read');
  bench.answerRead();
  assert.deepEqual(bench.take(), ['6', 'caught up']);
});

test('[DELIV-2] a body whose prevTag does not fit is never taken: the database is read', () => {
  const bench = FeedBench.started(entries(1, 4));
  bench.log = entries(1, 5);
  bench.feed.notice({ seq: seqOf(5), tag: tagOf(5), prevTag: 99 as never, entries: [entry(5, { text: 'made up' })] });
  assert.deepEqual(bench.take(), ['read 4']);
  bench.answerRead();
  assert.deepEqual(bench.take(), ['5', 'caught up']);
  assert.equal(bench.feed.recent(seqOf(5))?.[0]?.text, 'text 5');
});

test('[DELIV-2] of several bodies each must follow the one before', () => {
  const bench = FeedBench.started(entries(1, 4));
  bench.log = entries(1, 8);
  bench.feed.notice({ seq: seqOf(8), tag: tagOf(8), prevTag: tagOf(4), entries: [entry(5), entry(8)] });
  assert.deepEqual(bench.take(), ['5', 'read 5']);
});

test('[DELIV-1] a notice without bodies makes the feed read', () => {
  const bench = FeedBench.started(entries(1, 4));
  bench.log = [...entries(1, 4), entry(5, { kind: 'join', text: null })];
  bench.tellHead(5);
  assert.deepEqual(bench.take(), ['read 4']);
  bench.answerRead();
  assert.deepEqual(bench.take(), ['5', 'caught up']);
});

test('[DELIV-1] a notice during a read causes one more read, several cause one', () => {
  const bench = FeedBench.started(entries(1, 4));
  bench.log = entries(1, 5);
  bench.tellHead(5);
  const old = bench.log;
  bench.log = entries(1, 7);
  bench.tellHead(6);
  bench.tellHead(7);
  assert.deepEqual(bench.take(), ['read 4']);
  bench.answerRead(old);
  assert.deepEqual(bench.take(), ['5', 'read 5']);
  bench.answerRead();
  assert.deepEqual(bench.take(), ['6', '7', 'caught up']);
});

test('[DELIV-1] a long way is read page by page', () => {
  const bench = FeedBench.started(entries(1, 1));
  bench.log = entries(1, 5);
  bench.tellHead(5);
  bench.answerRead(bench.log, 3);
  bench.answerRead(bench.log, 3);
  assert.deepEqual(bench.take(), ['read 1', '2', '3', 'read 3', '4', '5', 'caught up']);
});

test('[DELIV-2] a hint of a place that does not exist costs one read, not endless ones', () => {
  const bench = FeedBench.started(entries(1, 4));
  bench.tellHead(1_000_000);
  bench.answerRead();
  assert.deepEqual(bench.take(), ['read 4', 'caught up']);
  bench.commit(entry(5));
  assert.deepEqual(bench.take(), ['5'], 'and nothing is remembered of it');
});

test('[DELIV-2] what was committed during a read is not hidden by a lie from before it', () => {
  const bench = FeedBench.started(entries(1, 4));
  bench.tellHead(1_000_000);
  const old = bench.log;
  bench.log = [...old, entry(5, { kind: 'kick', text: null })];
  bench.tellHead(5);
  bench.answerRead(old);
  assert.deepEqual(bench.take(), ['read 4', 'read 4']);
  bench.answerRead();
  assert.deepEqual(bench.take(), ['5', 'caught up']);
});

test('[TAG-1] another tag for the entry emitted last is a doubt, and no fork when the database agrees with the feed', () => {
  const bench = FeedBench.started(entries(1, 4));
  bench.tell(entry(4, { tag: 99 as never }));
  assert.deepEqual(bench.take(), ['read 4']);
  bench.answerRead();
  assert.deepEqual(bench.take(), ['caught up']);
});

test('[TAG-1] when the database confirms the other tag it is a fork: told once, and the feed is silent from then on', () => {
  const bench = FeedBench.started(entries(1, 4));
  bench.log = [...entries(1, 3), entry(4, { tag: 99 as never }), entry(5)];
  bench.tell(bench.log[3] as Entry);
  bench.answerRead();
  assert.deepEqual(bench.take(), ['read 4', 'forked']);
  bench.tell(entry(5));
  bench.tellHead(9);
  bench.feed.pageRead(cursor(3), pageOf(bench.log, 3));
  assert.deepEqual(bench.take(), []);
});

test('[TAG-1] another tag for an entry that the ring still holds is a doubt as well', () => {
  const bench = FeedBench.started(entries(1, 4));
  bench.commit(entry(5), entry(6), entry(7));
  bench.tell(entry(6));
  assert.deepEqual(bench.take(), ['5', '6', '7'], 'the same again is none');
  bench.log = [...entries(1, 5), entry(6, { tag: 99 as never })];
  bench.tell(bench.log[5] as Entry);
  bench.answerRead();
  assert.deepEqual(bench.take(), ['read 7', 'forked']);
});

test('[TAG-1] a log that no longer reaches the entry emitted last is a fork', () => {
  const bench = FeedBench.started(entries(1, 4));
  bench.log = entries(1, 2);
  bench.tellHead(5);
  bench.answerRead();
  assert.deepEqual(bench.take(), ['read 4', 'forked']);
});

test("[DELIV-1] a listener's page is used where it meets what was emitted", () => {
  const bench = FeedBench.started(entries(1, 4));
  bench.log = entries(1, 6);
  bench.feed.pageRead(cursor(2), pageOf(bench.log, 2));
  assert.deepEqual(bench.take(), ['5', '6']);
});

test("[DELIV-1] of a listener's page that does not meet it only the head is learnt", () => {
  const bench = FeedBench.started(entries(1, 4));
  bench.log = entries(1, 9);
  bench.feed.pageRead(cursor(7), pageOf(bench.log, 7));
  assert.deepEqual(bench.take(), ['read 4']);
  bench.answerRead();
  assert.deepEqual(bench.take(), ['5', '6', '7', '8', '9', 'caught up']);
});

test("[DELIV-1] a listener's page from before an empty log's first entry is used", () => {
  const bench = FeedBench.started([]);
  bench.feed.pageRead(cursor(0), pageOf(entries(1, 2), 0));
  assert.deepEqual(bench.take(), ['1', '2']);
});

test("[TAG-1] a listener's page from a made-up cursor, read before its entry was committed, is not taken for a fork", () => {
  const bench = FeedBench.started(entries(1, 4));
  const old = pageOf(bench.log, 5);
  bench.commit(entry(5));
  bench.feed.pageRead(cursor(5, 99), old);
  assert.deepEqual(bench.take(), ['5']);
});

test("[TAG-1] a listener's page that contradicts what was emitted is a doubt, and the feed's own read decides", () => {
  const bench = FeedBench.started(entries(1, 4));
  const foreign = [...entries(1, 3), entry(4, { tag: 99 as never })];
  bench.feed.pageRead(cursor(2), pageOf(foreign, 2));
  bench.feed.pageRead(cursor(4), pageOf(entries(1, 3), 4));
  assert.deepEqual(bench.take(), ['read 4']);
  bench.answerRead();
  assert.deepEqual(bench.take(), ['read 4'], 'it was doubted during the read as well');
  bench.answerRead(foreign);
  assert.deepEqual(bench.take(), ['forked']);
});

test('a page that comes before the head is left alone', () => {
  const bench = new FeedBench(entries(1, 4));
  bench.feed.listen(bench);
  bench.feed.pageRead(cursor(2), pageOf(bench.log, 2));
  assert.deepEqual(bench.take(), ['read head']);
  bench.answerHead();
  bench.answerHead();
  assert.deepEqual(bench.take(), ['started 4'], 'a head that comes twice as well');
});

test('a feed whose last listener goes is unheard once, forgets its ring, and reads no more', () => {
  const bench = FeedBench.started(entries(1, 4));
  bench.commit(entry(5));
  bench.tellHead(9);
  bench.take();
  bench.feed.unlisten(bench);
  bench.feed.unlisten(bench);
  assert.deepEqual(bench.take(), ['unheard']);
  assert.equal(bench.feed.recent(seqOf(5)), undefined);
  bench.answerRead(entries(1, 9), 2);
  assert.deepEqual(bench.take(), []);
});

test('a listener may go while it is told', () => {
  const bench = FeedBench.started(entries(1, 4));
  const told: number[] = [];
  const leaving: FeedListener = {
    ...silent(),
    next: ({ seq }) => {
      told.push(seq);
      bench.feed.unlisten(leaving);
    },
  };
  bench.feed.listen(leaving);
  bench.commit(entry(5), entry(6));
  assert.deepEqual([told, bench.take()], [[5], ['5', '6']]);
});

test('a feed is behind while anything that it heard of is not emitted', () => {
  const bench = FeedBench.started(entries(1, 4));
  assert.equal(bench.feed.isBehind, false);
  bench.log = entries(1, 5);
  bench.tellHead(5);
  assert.equal(bench.feed.isBehind, true);
  bench.answerRead();
  assert.equal(bench.feed.isBehind, false);
});

function silent(): FeedListener {
  return { started: () => undefined, next: () => undefined, caughtUp: () => undefined };
}
