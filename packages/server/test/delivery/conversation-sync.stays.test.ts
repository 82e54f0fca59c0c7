import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '../../src/chat/ports/index.ts';
import { ALICE, BOB, cursor, entries, entry, kick, leave, stays } from './builders.ts';
import { SyncBench } from './sync-bench.ts';

/** Entries 1 to 10, with others in the place of some. */
function logWith(...others: Entry[]): Entry[] {
  return entries(1, 10).map((plain) => others.find(({ seq }) => seq === plain.seq) ?? plain);
}

function startLive(log: Entry[] = entries(1, 4)) {
  const bench = new SyncBench(log, stays([1]));
  const sync = bench.begin({ cursor: cursor(log.length) });
  bench.rest();
  bench.take();
  return { bench, sync };
}

test('[VIS-1] who is kicked while live sees the kick, and nothing that is said after it', () => {
  const { bench, sync } = startLive();
  bench.commit(kick(5, ALICE));
  bench.commit(entry(6));
  bench.stays = stays([1, 5]);
  bench.rest();
  bench.commit(entry(7));
  assert.equal(bench.take(), '5 unheard');
  assert.equal(sync.isEnded, true);
});

test('[VIS-1] bodies in the same notice as the kick are not shown either', () => {
  const { bench } = startLive();
  bench.stays = stays([1, 5]);
  bench.commit(kick(5, ALICE), entry(6), entry(7));
  bench.rest();
  assert.equal(bench.take(), '5 unheard');
});

test('[VIS-1] who is kicked while catching up sees the kick, and nothing after it', () => {
  const bench = new SyncBench(logWith(kick(5, ALICE)), stays([1]));
  bench.begin({ cursor: cursor(2) });
  bench.stays = stays([1, 5]);
  bench.rest();
  assert.equal(bench.take(), '3 4 5 unheard settled');
});

test('[VIS-1] who leaves sees that he left', () => {
  const { bench } = startLive();
  bench.stays = stays([1, 5]);
  bench.commit(leave(5, ALICE));
  bench.rest();
  assert.equal(bench.take(), '5 unheard');
});

test('[VIS-1] others who leave or are put out change nothing', () => {
  const { bench } = startLive();
  bench.commit(kick(5, BOB), leave(6, BOB), entry(7, { kind: 'role', target: ALICE, role: 'admin', text: null }));
  bench.commit(leave(8, BOB));
  assert.deepEqual([bench.take(), bench.asked], ['5 6 7 8', []]);
});

test('[VIS-1] who is back before his stays are read again goes on, with a gap exactly over what was not his', () => {
  const { bench } = startLive();
  bench.commit(kick(5, ALICE), entry(6), entry(7));
  bench.commit(entry(8, { kind: 'join', author: ALICE, text: null }), entry(9));
  bench.stays = stays([1, 5], [8]);
  assert.equal(bench.take(), '5');
  bench.rest();
  assert.equal(bench.take(), 'not_member(6..7) 8 9');
  bench.commit(entry(10));
  assert.equal(bench.take(), '10', 'live again');
});

test('[VIS-1] who is back with the very next entry has no gap', () => {
  const { bench } = startLive();
  bench.commit(kick(5, ALICE), entry(6, { kind: 'join', author: ALICE, text: null }), entry(7));
  bench.stays = stays([1, 5], [6]);
  bench.rest();
  assert.equal(bench.take(), '5 6 7');
});

test('[VIS-1] whoever was in and out several times gets each stay, with a gap between', () => {
  const log = logWith(kick(3, ALICE), leave(6, ALICE));
  const bench = new SyncBench(log, stays([1, 3], [5, 6], [9]));
  bench.begin({ cursor: cursor(1) });
  bench.rest();
  assert.equal(bench.take(), '2 3 not_member(4..4) 5 6 not_member(7..8) 9 10 settled');
});

test('[VIS-1] of a conversation that was left a device gets what it lacks, and then no more', () => {
  const bench = new SyncBench(logWith(kick(6, ALICE)), stays([1, 6]));
  const sync = bench.begin({ cursor: cursor(4) });
  bench.rest();
  bench.commit(entry(11));
  assert.equal(bench.take(), '5 6 unheard settled');
  assert.equal(sync.cursor.seq, 6);
});

test('[VIS-1] whoever knows all of a conversation that was left gets nothing', () => {
  const bench = new SyncBench(logWith(kick(6, ALICE)), stays([1, 6]));
  bench.begin({ cursor: cursor(6) });
  bench.rest();
  assert.equal(bench.take(), 'unheard settled');
});

test('[VIS-1] a kick and a return of which the first stays knew nothing', () => {
  const bench = new SyncBench(logWith(kick(5, ALICE)), stays([1]));
  bench.begin({ cursor: cursor(3) });
  bench.stays = stays([1, 5], [9]);
  bench.pageRows = 3;
  bench.rest();
  assert.equal(bench.take(), '4 5 not_member(6..8) 9 10 settled');
});

test('[VIS-1] stays that were read again while it catches up count from then on', () => {
  const bench = new SyncBench(logWith(kick(5, ALICE)), stays([1, 5]));
  const sync = bench.begin({ cursor: cursor(3) });
  bench.answer('head');
  assert.equal(sync.isLeaving, true);
  sync.staysRead({ stays: stays([1, 5], [9]) } as never);
  assert.equal(sync.isLeaving, false);
  bench.stays = stays([1, 5], [9]);
  bench.rest();
  assert.equal(bench.take(), '4 5 not_member(6..8) 9 10 settled');
});

test('[VIS-1] whose membership is gone sees no more', () => {
  const { bench, sync } = startLive();
  bench.commit(kick(5, ALICE), entry(6));
  sync.staysRead(undefined);
  assert.equal(bench.take(), '5 unheard');
});

test('[VIS-1] a return that the feed has not come to yet: the stays are ahead of it', () => {
  const bench = new SyncBench(entries(1, 4), stays([9]));
  bench.startFeed();
  bench.log = entries(1, 10);
  bench.begin();
  bench.rest();
  bench.commit(entry(11));
  assert.equal(bench.take(), '9 10 settled 11');
});
