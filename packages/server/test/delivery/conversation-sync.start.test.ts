import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SyncStart, UNKNOWN_TAG } from '../../src/delivery/sync-start.ts';
import { ALICE, cursor, DIRECT, entries, entry, kick, stays, tagOf } from './builders.ts';
import { FULL, lazy, SyncBench } from './sync-bench.ts';

const MEMBER = stays([1]);

/** What a device is handed that starts so in a log of ten, where Alice's stays are these. */
function handedOver(start: Partial<SyncStart>, hers = MEMBER): string {
  const bench = new SyncBench(entries(1, 10), hers);
  bench.begin(start);
  bench.rest();
  return bench.take().replace(' settled', '').replace(' unheard', '');
}

test('[DELIV-1] lazy n without a cursor: a gap, then the last n', () => {
  assert.equal(handedOver({ want: lazy(3) }), 'paged(1..7) 8 9 10');
});

test('[DELIV-1] lazy n with a cursor: what follows it when that is no more than n, else a gap in between', () => {
  assert.equal(handedOver({ want: lazy(3), cursor: cursor(8) }), '9 10');
  assert.equal(handedOver({ want: lazy(3), cursor: cursor(7) }), '8 9 10');
  assert.equal(handedOver({ want: lazy(3), cursor: cursor(4) }), 'paged(5..7) 8 9 10');
  assert.equal(handedOver({ want: lazy(3), cursor: cursor(10) }), 'settled');
});

test('[DELIV-1] lazy 0: only the gap', () => {
  assert.equal(handedOver({ want: lazy(0) }), 'paged(1..10)');
  assert.equal(handedOver({ want: lazy(0), cursor: cursor(4) }), 'paged(5..10)');
  assert.equal(handedOver({ want: lazy(0), cursor: cursor(10) }), 'settled');
});

test('[DELIV-1] lazy n of more than there is: all of it, and no gap', () => {
  assert.equal(handedOver({ want: lazy(10) }), '1 2 3 4 5 6 7 8 9 10');
  assert.equal(handedOver({ want: lazy(500) }), '1 2 3 4 5 6 7 8 9 10');
});

test('[VIS-1] who came in later starts with that entry, whether in full or lazily', () => {
  assert.equal(handedOver({ want: FULL }, stays([8])), '8 9 10');
  assert.equal(handedOver({ want: lazy(5) }, stays([8])), '8 9 10');
  assert.equal(handedOver({ want: lazy(2) }, stays([8])), 'paged(8..8) 9 10');
});

test('[VIS-1] lazily in a conversation that was left: the last n that were visible, or the gap alone', () => {
  assert.equal(handedOver({ want: lazy(2), cursor: cursor(2) }, stays([1, 7])), 'paged(3..5) 6 7');
  assert.equal(handedOver({ want: lazy(0), cursor: cursor(2) }, stays([1, 7])), 'paged(3..7)');
});

test('[VIS-1] a lazy start among entries that are not visible: one gap up to the next visible one', () => {
  assert.equal(handedOver({ want: lazy(4) }, stays([1, 3], [9])), 'paged(1..8) 9 10');
});

test('[VIS-1] when a lazy start passes over nothing that is visible there is nothing to page', () => {
  assert.equal(handedOver({ want: lazy(4), cursor: cursor(3) }, stays([1, 3], [9])), 'not_member(4..8) 9 10');
});

test('[DELIV-1] after a lazy start comes everything as it happens', () => {
  const bench = new SyncBench(entries(1, 10), MEMBER, DIRECT);
  bench.begin({ want: lazy(1) });
  bench.rest();
  bench.commit(entry(11));
  assert.equal(bench.take(), 'paged(1..9) 10 settled 11');
});

test('[VIS-1] a kick that a lazy start would pass over, unknown to the stays read before, is not passed over', () => {
  const bench = new SyncBench([...entries(1, 4), kick(5, ALICE), ...entries(6, 10)], stays([1]));
  bench.begin({ want: lazy(2) });
  bench.stays = stays([1, 5]);
  bench.rest();
  assert.equal(bench.take(), 'paged(1..3) 4 5 unheard settled');
});

test('[VIS-1] what is committed while a lazy start makes sure of the stays is judged when it comes', () => {
  const bench = new SyncBench(entries(1, 4), stays([1]));
  bench.begin({ want: lazy(1) });
  bench.answer('head');
  bench.answer('stays');
  bench.commit(kick(5, ALICE));
  bench.commit(entry(6), entry(7));
  bench.stays = stays([1, 5]);
  bench.rest();
  assert.equal(bench.take(), 'paged(1..3) 4 5 unheard settled');
});

test("[TAG-1] a cursor with another tag than the database's: one reset, then everything as for a new device", () => {
  assert.equal(handedOver({ cursor: cursor(7, 99) }), 'foreign reset 1 2 3 4 5 6 7 8 9 10');
  assert.equal(handedOver({ cursor: cursor(7, 99), want: lazy(2) }), 'foreign reset paged(1..8) 9 10');
  assert.equal(handedOver({ cursor: cursor(1, 99), want: lazy(2) }), 'foreign reset paged(1..8) 9 10');
  assert.equal(handedOver({ cursor: cursor(7, 99) }, stays([6])), 'foreign reset 6 7 8 9 10');
});

test('[TAG-1] a cursor at the head with another tag', () => {
  assert.equal(handedOver({ cursor: cursor(10, 99), want: lazy(1) }), 'foreign reset paged(1..9) 10');
});

test('[TAG-1] a cursor beyond the head, of a database that was restored to an earlier state', () => {
  assert.equal(handedOver({ cursor: cursor(11) }), 'foreign reset 1 2 3 4 5 6 7 8 9 10');
  assert.equal(handedOver({ cursor: cursor(5_000), want: lazy(1) }), 'foreign reset paged(1..9) 10');
});

test('[TAG-1] a foreign cursor is noticed even where no entry follows it at once', () => {
  assert.equal(handedOver({ cursor: cursor(6, 99) }, stays([1, 6])), 'foreign reset 1 2 3 4 5 6');
  assert.equal(handedOver({ cursor: cursor(9, 99) }, stays([1, 6])), 'foreign reset 1 2 3 4 5 6');
  const again = stays([1, 6], [10]);
  assert.equal(handedOver({ cursor: cursor(6, 99) }, again), 'foreign reset 1 2 3 4 5 6 not_member(7..9) 10');
});

test('[TAG-1] a foreign cursor is noticed when the ring holds its place, and when the feed stands there', () => {
  const bench = new SyncBench(entries(1, 4), MEMBER);
  bench.startFeed();
  bench.commit(entry(5), entry(6));
  bench.begin({ cursor: cursor(5, 99) });
  bench.rest();
  assert.equal(bench.take(), 'foreign reset 1 2 3 4 5 6 settled');
  bench.begin({ cursor: cursor(6, 99) });
  bench.rest();
  assert.equal(bench.take(), 'foreign reset 1 2 3 4 5 6 settled');
});

test('[TAG-1] acknowledged cursors are judged as well, each, and handed over like any other entry', () => {
  assert.equal(handedOver({ cursor: cursor(8), acked: [cursor(9), cursor(10)] }), '9 10');
  assert.equal(
    handedOver({ cursor: cursor(9), acked: [cursor(10, 99)], want: lazy(1) }),
    'foreign reset paged(1..9) 10',
  );
  assert.equal(
    handedOver({ cursor: cursor(9), acked: [cursor(10), cursor(11)], want: lazy(1) }),
    'foreign reset paged(1..9) 10',
  );
});

test('[TAG-1] a lazy start judges the cursor that it leaves behind', () => {
  assert.equal(handedOver({ cursor: cursor(2, 99), want: lazy(0) }), 'foreign reset paged(1..10)');
});

test('[TAG-1] nothing is told while cursors are judged, whatever is committed meanwhile', () => {
  const bench = new SyncBench(entries(1, 10), MEMBER);
  bench.begin({ cursor: cursor(9), acked: [cursor(10)] });
  bench.answer('head');
  bench.commit(entry(11));
  assert.equal(bench.take(), '');
  bench.rest();
  assert.equal(bench.take(), '10 11 settled');
});

test('[TAG-1] before the first entry there is nothing to judge, whatever tag a device names', () => {
  const bench = new SyncBench([], MEMBER, DIRECT);
  bench.begin({ cursor: cursor(0, 99), acked: [cursor(0, 98)] });
  bench.rest();
  bench.commit(entry(1));
  assert.equal(bench.take(), 'settled 1');
  assert.equal(handedOver({ cursor: cursor(0, 99), want: lazy(2) }), 'paged(1..8) 9 10');
});

test('a place of which only the seq is known takes its tag from the database', () => {
  assert.equal(handedOver({ cursor: cursor(8, UNKNOWN_TAG) }), '9 10');
  assert.equal(handedOver({ cursor: cursor(10, UNKNOWN_TAG) }), 'settled');
  assert.equal(handedOver({ cursor: cursor(0, UNKNOWN_TAG) }, stays([9])), 'not_member(1..8) 9 10');
});

test('[TAG-1] when the log has lost its tail under this node the feed is doubted, and no device is told to forget', () => {
  const bench = new SyncBench(entries(1, 10), MEMBER, DIRECT);
  bench.startFeed();
  bench.log = entries(1, 3);
  const sync = bench.begin({ want: lazy(1) });
  bench.rest();
  assert.equal(bench.take(), 'forked', 'the node starts afresh');
  sync.stop();
});

test('[TAG-1] a page that was read too early is asked for again when the feed was right', () => {
  const bench = new SyncBench(entries(1, 10), MEMBER, DIRECT);
  bench.startFeed();
  const sync = bench.begin({ want: lazy(1) });
  bench.log = entries(1, 3);
  bench.answer('page');
  bench.log = entries(1, 10);
  bench.rest();
  assert.equal(bench.take(), 'paged(1..9) 10 settled');
  sync.stop();
});

test('[TAG-1] who stands on another entry than the feed reads no page twice while the feed finds out', () => {
  const bench = new SyncBench(entries(1, 10), MEMBER, DIRECT);
  bench.startFeed();
  bench.log = [...entries(1, 9), entry(10, { tag: tagOf(99) })];
  const sync = bench.begin({ cursor: cursor(10, tagOf(99)) });
  bench.answer('page');
  assert.deepEqual(bench.asked, ['feed page']);
  bench.rest();
  assert.equal(bench.take(), 'forked', 'the node starts afresh');
  sync.stop();
});
