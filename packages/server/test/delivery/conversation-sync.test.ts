import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALICE, cursor, DIRECT, entries, entry, kick, pageOf, seqOf, stays, tagOf } from './builders.ts';
import { lazy, SyncBench } from './sync-bench.ts';

const MEMBER = stays([1]);

/** A bench with a sync that is live at entry 4. */
function startLive() {
  const bench = new SyncBench(entries(1, 4), MEMBER);
  const sync = bench.begin({ cursor: cursor(4) });
  bench.rest();
  assert.equal(bench.take(), 'settled');
  return { bench, sync };
}

test('[DELIV-1] what follows the cursor comes once, rising, and then everything as it happens', () => {
  const bench = new SyncBench(entries(1, 6), MEMBER);
  bench.begin({ cursor: cursor(4) });
  bench.rest();
  assert.equal(bench.take(), '5 6 settled');
  bench.commit(entry(7), entry(8));
  bench.commit(entry(9));
  assert.equal(bench.take(), '7 8 9');
});

test('[DELIV-1] a device without a cursor gets all of it, and one at the end nothing, without a read', () => {
  const bench = new SyncBench(entries(1, 3), MEMBER);
  bench.begin();
  bench.rest();
  assert.equal(bench.take(), '1 2 3 settled');
  bench.begin({ cursor: cursor(3) });
  assert.equal(bench.take(), 'settled');
});

test('[DELIV-1] an empty conversation is live at once', () => {
  const bench = new SyncBench([], MEMBER, DIRECT);
  bench.begin();
  bench.answer('head');
  assert.equal(bench.take(), 'settled');
  bench.commit(entry(1));
  assert.equal(bench.take(), '1');
});

test('[DELIV-1] a long backlog comes page by page', () => {
  const bench = new SyncBench(entries(1, 9), MEMBER);
  bench.pageRows = 3;
  bench.begin({ cursor: cursor(2) });
  bench.rest();
  assert.equal(bench.take(), '3 4 5 6 7 8 9 settled');
});

test('[DELIV-1] what is committed while a page is read comes after it', () => {
  const bench = new SyncBench(entries(1, 6), MEMBER);
  bench.pageRows = 2;
  bench.begin({ cursor: cursor(4) });
  bench.answer('head');
  bench.commit(entry(7), entry(8));
  assert.equal(bench.take(), '', 'not live yet');
  bench.rest();
  assert.equal(bench.take(), '5 6 7 8 settled');
});

test('[DELIV-1] ahead of the feed it waits, and turns live in the step in which the feed comes to it', () => {
  const bench = new SyncBench(entries(1, 4), MEMBER);
  bench.startFeed();
  bench.log = entries(1, 7);
  bench.begin({ cursor: cursor(5) });
  bench.answer('page');
  assert.equal(bench.take(), '6 7');
  const tell = (from: number, to: number) =>
    bench.feed.notice({ seq: seqOf(to), tag: tagOf(to), prevTag: tagOf(from - 1), entries: entries(from, to) });
  tell(5, 6);
  assert.equal(bench.take(), '', 'the feed is at 6');
  tell(7, 7);
  assert.equal(bench.take(), 'settled');
  bench.commit(entry(8));
  assert.deepEqual([bench.take(), bench.asked], ['8', ['feed page']], 'without waiting for the feed to be read');
});

test('[DELIV-1] settled does not wait for what the feed hears of afterwards', () => {
  const bench = new SyncBench(entries(1, 4), MEMBER);
  bench.startFeed();
  bench.log = entries(1, 5);
  bench.tellHead();
  bench.begin({ cursor: cursor(4) });
  bench.feed.notice({ seq: seqOf(99), tag: tagOf(99), prevTag: tagOf(0), entries: [] });
  bench.answer('feed page');
  assert.deepEqual([bench.take(), bench.asked], ['5 settled', ['feed page']]);
});

test('[DELIV-1] what the ring holds is not read again', () => {
  const bench = new SyncBench(entries(1, 4), MEMBER);
  bench.startFeed();
  bench.commit(entry(5), entry(6), entry(7));
  bench.begin({ cursor: cursor(5) });
  assert.equal(bench.take(), '6 7 settled');
  bench.begin({ cursor: cursor(4) });
  assert.deepEqual(bench.asked, ['page'], 'the ring does not hold 4 itself, so its tag cannot be compared');
  bench.rest();
  assert.equal(bench.take(), '5 6 7 settled');
});

test('[DELIV-1] an answer to an older question is dropped', () => {
  const bench = new SyncBench(entries(1, 6), MEMBER);
  const sync = bench.begin({ cursor: cursor(4) });
  bench.rest();
  bench.take();
  sync.pageRead(cursor(4), { head: { seq: 6, ord: 6, tag: 0 } as never, entries: entries(4, 6) });
  sync.staysRead(undefined);
  assert.equal(bench.take(), '');
});

test('[DELIV-1] settled means that all that the feed had heard of was handed over', () => {
  const bench = new SyncBench(entries(1, 4), MEMBER);
  bench.startFeed();
  bench.log = entries(1, 5);
  bench.tellHead();
  bench.begin({ cursor: cursor(4) });
  assert.equal(bench.take(), '', 'live, but the feed is being read on');
  bench.rest();
  assert.equal(bench.take(), '5 settled');
});

test('[DELIV-1] settled comes as well when what the feed had heard of was a lie', () => {
  const bench = new SyncBench(entries(1, 4), MEMBER);
  bench.startFeed();
  bench.feed.notice({ seq: 99 as never, tag: tagOf(99), prevTag: 0 as never, entries: [] });
  bench.begin({ cursor: cursor(4) });
  assert.equal(bench.take(), '');
  bench.rest();
  assert.equal(bench.take(), 'settled');
});

test('[TAG-1] a feed that is ahead of a database without its last entries is found out, not read for ever', () => {
  const bench = new SyncBench(entries(1, 12), stays([1]));
  bench.startFeed();
  bench.log = entries(1, 8);
  bench.begin({ cursor: cursor(8) });
  bench.rest();
  assert.equal(bench.take(), 'forked');
});

test('[DELIV-1] a page that was read before what the feed emitted is only older', () => {
  const bench = new SyncBench(entries(1, 8), stays([1]));
  bench.startFeed();
  bench.commit(entry(9));
  const sync = bench.begin({ cursor: cursor(8) });
  sync.pageRead(cursor(8), pageOf(entries(1, 8), 8));
  bench.rest();
  assert.equal(bench.take(), '9 settled');
});

test('[WIRE-3] a full queue returns a live reader to catching up, and nothing comes before it has drained', () => {
  const { bench, sync } = startLive();
  bench.room = 1;
  bench.commit(entry(5), entry(6));
  bench.commit(entry(7));
  assert.equal(bench.take(), '5');
  bench.drain(sync);
  assert.equal(bench.take(), '6 7', 'from the ring');
  bench.commit(entry(8));
  assert.equal(bench.take(), '8');
});

test('[WIRE-3] a reader that missed more than the ring holds is read from the database', () => {
  const { bench, sync } = startLive();
  bench.room = 1;
  bench.commit(...entries(5, 200));
  bench.drain(sync);
  assert.deepEqual(bench.asked, ['page']);
  bench.rest();
  assert.equal(
    bench.take(),
    entries(5, 200)
      .map(({ seq }) => seq)
      .join(' '),
  );
});

test('[WIRE-3] a live reader whose queue filled and drained between two entries stays live', () => {
  const { bench, sync } = startLive();
  bench.room = 1;
  bench.commit(entry(5));
  bench.drain(sync);
  bench.commit(entry(6));
  assert.deepEqual([bench.take(), bench.asked], ['5 6', []]);
});

test('[WIRE-3] a queue that fills within a page stops it, again and again', () => {
  const bench = new SyncBench(entries(1, 6), MEMBER);
  bench.room = 2;
  const sync = bench.begin();
  bench.rest();
  assert.equal(bench.take(), '1 2');
  bench.drain(sync, 3);
  bench.rest();
  assert.equal(bench.take(), '3 4 5');
  bench.drain(sync);
  bench.rest();
  assert.equal(bench.take(), '6 settled');
});

test('[WIRE-3] a page that comes when the queue is full is not handed over, and read again later', () => {
  const bench = new SyncBench(entries(1, 6), MEMBER);
  const sync = bench.begin({ cursor: cursor(4) });
  bench.answer('head');
  bench.isCongested = true;
  bench.answer('page');
  assert.equal(bench.take(), '');
  bench.drain(sync);
  bench.rest();
  assert.equal(bench.take(), '5 6 settled');
});

test('[WIRE-3] a full queue holds back a start, a gap, what follows a gap, and a reset', () => {
  const bench = new SyncBench(entries(1, 6), MEMBER, DIRECT);
  bench.isCongested = true;
  const sync = bench.begin({ want: lazy(2) });
  bench.rest();
  assert.equal(bench.take(), '');
  bench.drain(sync, 1);
  bench.rest();
  assert.equal(bench.take(), 'paged(1..4)');
  bench.drain(sync);
  bench.rest();
  assert.equal(bench.take(), '5 6 settled');

  bench.isCongested = true;
  const foreign = bench.begin({ cursor: cursor(3, 99), want: lazy(2) });
  bench.rest();
  assert.equal(bench.take(), 'foreign');
  bench.drain(foreign);
  bench.rest();
  assert.equal(bench.take(), 'reset paged(1..4) 5 6 settled');
});

test('[WIRE-3] a reset that fills the queue is followed by nothing before it has drained', () => {
  const bench = new SyncBench(entries(1, 3), MEMBER);
  bench.room = 1;
  const sync = bench.begin({ cursor: cursor(2, 99) });
  bench.rest();
  assert.equal(bench.take(), 'foreign reset');
  bench.drain(sync);
  bench.rest();
  assert.equal(bench.take(), '1 2 3 settled');
});

test('[WIRE-3] a queue that is full while the feed comes to a waiting reader holds it back', () => {
  const bench = new SyncBench(entries(1, 4), MEMBER);
  bench.startFeed();
  bench.log = entries(1, 6);
  const sync = bench.begin({ cursor: cursor(5) });
  bench.answer('page');
  assert.equal(bench.take(), '6');
  bench.isCongested = true;
  bench.rest();
  bench.commit(entry(7));
  assert.equal(bench.take(), '');
  bench.drain(sync);
  assert.equal(bench.take(), '7 settled');
});

test('[WIRE-3] a queue that is full while the stays are read again holds back what comes after', () => {
  const { bench, sync } = startLive();
  bench.room = 1;
  bench.commit(kick(5, ALICE));
  bench.log = [...bench.log, ...entries(6, 8)];
  bench.stays = stays([1, 5], [7]);
  bench.tellHead();
  bench.rest();
  assert.equal(bench.take(), '5');
  bench.drain(sync);
  bench.rest();
  assert.equal(bench.take(), 'not_member(6..6) 7 8');
});

test('draining changes nothing in a state that waits for something else', () => {
  const bench = new SyncBench(entries(1, 6), MEMBER);
  const sync = bench.begin({ cursor: cursor(4) });
  sync.drained();
  bench.answer('head');
  sync.drained();
  assert.deepEqual([bench.take(), bench.asked], ['', ['page']]);
  bench.rest();
  sync.drained();
  assert.equal(bench.take(), '5 6 settled');
});

/** How to bring a sync into each of its states, with whatever it asked for unanswered. */
const STATES: Readonly<Record<string, (bench: SyncBench) => ReturnType<SyncBench['begin']>>> = {
  starting: (bench) => bench.begin(),
  confirming: (bench) => {
    const sync = bench.begin({ want: lazy(1) });
    bench.answer('head');
    return sync;
  },
  judging: (bench) => {
    const sync = bench.begin({ cursor: cursor(4), acked: [cursor(5)] });
    bench.answer('head');
    return sync;
  },
  reading: (bench) => {
    const sync = bench.begin();
    bench.answer('head');
    return sync;
  },
  blocked: (bench) => {
    bench.isCongested = true;
    const sync = bench.begin();
    bench.answer('head');
    return sync;
  },
  waiting: (bench) => {
    const sync = bench.begin({ cursor: cursor(6) });
    bench.answer('head');
    bench.log = entries(1, 9);
    const [first] = bench.log.slice(6);
    sync.pageRead(cursor(6), { head: { seq: 9 } as never, entries: [bench.log[5], first] as never });
    return sync;
  },
  asking: (bench) => {
    const sync = bench.begin({ cursor: cursor(6) });
    bench.answer('head');
    bench.commit(kick(7, ALICE));
    return sync;
  },
  live: (bench) => {
    const sync = bench.begin({ cursor: cursor(6) });
    bench.answer('head');
    return sync;
  },
  ended: (bench) => {
    bench.stays = stays([1, 6]);
    const sync = bench.begin({ cursor: cursor(6) });
    bench.rest();
    return sync;
  },
};

for (const [state, reach] of Object.entries(STATES)) {
  test(`a sync that is stopped while ${state} leaves no listener, and hands nothing over`, () => {
    const bench = new SyncBench(entries(1, 6), MEMBER);
    const sync = reach(bench);
    const before = bench.take();
    sync.stop();
    assert.equal(`${before} ${bench.take()}`.split('unheard').length - 1, 1, 'exactly once');
    bench.isCongested = false;
    sync.drained();
    bench.rest();
    bench.commit(entry(bench.log.length + 1));
    sync.stop();
    assert.equal(bench.take(), '');
    assert.equal(sync.isEnded, true);
  });
}
