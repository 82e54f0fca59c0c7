import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cursor, entries, entry, seqOf } from './builders.ts';
import { planOf, rowOf, SessionBench, versionOf } from './session-bench.ts';

/** A session in one group of three entries, all answered: it is live. */
function startLive(): SessionBench {
  const bench = new SessionBench();
  bench.join(1, entries(1, 3));
  bench.sync.start(planOf({ state: versionOf(1) }));
  bench.rest();
  bench.take();
  return bench;
}

test('[STATE-1] [DELIV-1] first the private state, then what follows the cursors, then synced', () => {
  const bench = new SessionBench();
  bench.join(1, entries(1, 3));
  bench.join(2, entries(1, 2));
  bench.rows = [rowOf(1)];
  const cursors = new Map([['g1', { cursor: cursor(2), acked: [], want: undefined }]]);
  bench.sync.start(planOf({ cursors, byDefault: { mode: 'lazy', last: 1 } }));
  assert.deepEqual(bench.asked, ['state']);
  bench.rest();
  assert.equal(bench.take(), 'state[1]@1 g1/3 g2:paged(1..1) g2/2 synced');
});

test('[STATE-1] a device that is up to date is told its version, and nothing more', () => {
  const bench = new SessionBench();
  bench.sync.start(planOf({ state: versionOf(1) }));
  bench.rest();
  assert.equal(bench.take(), 'state[]@1 synced');
});

test('[STATE-1] a version that the store does not know brings everything', () => {
  const bench = new SessionBench();
  bench.rows = [rowOf(1)];
  bench.sync.start(planOf({ state: { rev: 1, tag: 99 as never } }));
  bench.rest();
  assert.equal(bench.take(), 'state![1]@1 synced');
});

test('[STATE-1] long state comes page by page, and the conversations only after it', () => {
  const bench = new SessionBench();
  bench.join(1, entries(1, 1));
  bench.rows = [1, 2, 3, 4, 5].map((rev) => rowOf(rev, { rev }));
  bench.rev = 5;
  bench.stateRows = 2;
  bench.sync.start(planOf());
  bench.rest();
  assert.equal(bench.take(), 'state+[1,2]@2 state+[3,4]@4 state[5]@5 g1/1 synced');
});

test('[WIRE-3] [STATE-1] a full queue holds the next page of state back', () => {
  const bench = new SessionBench();
  bench.rows = [1, 2, 3].map((rev) => rowOf(rev, { rev }));
  bench.rev = 3;
  bench.stateRows = 1;
  bench.room = 1;
  bench.sync.start(planOf());
  bench.rest();
  assert.equal(bench.take(), 'state+[1]@1');
  bench.drain(1);
  bench.rest();
  assert.equal(bench.take(), 'state+[2]@2');
  bench.drain();
  bench.rest();
  assert.equal(bench.take(), 'state[3]@3 synced');
});

test('[WIRE-3] [STATE-1] state that comes when the queue is full is read again later', () => {
  const bench = startLive();
  bench.rows = [rowOf(1, { rev: 2 })];
  bench.rev = 2;
  bench.sync.changed();
  bench.room = 1;
  bench.commit(1, entry(4));
  bench.answer('state');
  assert.equal(bench.take(), 'g1/4');
  bench.drain();
  bench.rest();
  assert.equal(bench.take(), 'state[2]@2');
});

test('[STATE-1] a change is read at once; those that come during the read cause one more', () => {
  const bench = startLive();
  bench.sync.changed();
  bench.rows = [rowOf(1, { rev: 2 })];
  bench.rev = 2;
  const answer = bench.capture('state');
  bench.rows = [rowOf(1, { rev: 3 })];
  bench.rev = 3;
  bench.sync.changed();
  bench.sync.changed();
  assert.deepEqual(bench.asked, []);
  answer();
  bench.rest();
  assert.equal(bench.take(), 'state[2]@2 state[3]@3');
});

test('[STATE-1] [TAG-1] a session that outlives an older copy of the database is told everything with the next change', () => {
  const bench = startLive();
  bench.rows = [rowOf(1)];
  bench.isOlderCopy = true;
  bench.sync.changed();
  bench.rest();
  assert.equal(bench.take(), 'state![1]@1');
});

test('[TAG-1] who was put out, and is a member in an older copy of the database, is told to forget what he holds', () => {
  const bench = new SessionBench();
  const kicked = [...entries(1, 2), { ...entry(3), kind: 'leave' as const, author: bench.user }];
  bench.join(1, kicked);
  bench.setStays(1, [{ from: seqOf(1), to: seqOf(3) }]);
  const cursors = new Map([['g1', { cursor: cursor(0), acked: [], want: undefined }]]);
  bench.sync.start(planOf({ cursors, state: versionOf(1) }));
  bench.rest();
  assert.equal(bench.take(), 'state[]@1 g1/1 g1/2 g1/3 synced');
  bench.isOlderCopy = true;
  bench.memberships = [];
  bench.join(1, [...entries(1, 2), { ...entry(3), tag: 77 as never }]);
  bench.rows = [rowOf(1)];
  bench.sync.changed();
  bench.rest();
  assert.equal(bench.take(), 'state![1]@1 foreign g1:reset g1/1 g1/2 g1/3');
});

test('[STATE-1] a change that turns out to be none is not told', () => {
  const bench = startLive();
  bench.sync.changed();
  bench.rest();
  assert.equal(bench.take(), '');
});

test('[STATE-1] [WIRE-3] a change while the queue is full is read when it has drained', () => {
  const bench = startLive();
  bench.room = 1;
  bench.commit(1, entry(4));
  bench.rows = [rowOf(1, { rev: 2 })];
  bench.rev = 2;
  bench.sync.changed();
  assert.deepEqual([bench.take(), bench.asked], ['g1/4', []]);
  bench.drain();
  bench.rest();
  assert.equal(bench.take(), 'state[2]@2');
});

test('[DELIV-1] a conversation that appears later starts in full, at the first visible entry', () => {
  const bench = startLive();
  bench.join(2, entries(1, 5), [{ from: seqOf(4), to: null }]);
  bench.rows = [rowOf(2, { rev: 2 })];
  bench.rev = 2;
  bench.sync.changed();
  bench.rest();
  bench.commit(2, entry(6));
  assert.equal(bench.take(), 'state[2]@2 g2/4 g2/5 g2/6');
});

test('[DELIV-1] a conversation that appears while the first memberships are read is not missed', () => {
  const bench = new SessionBench();
  bench.sync.start(planOf());
  bench.answer('state');
  const old = bench.capture('memberships');
  bench.join(2, entries(1, 1));
  bench.rows = [rowOf(2, { rev: 2 })];
  bench.rev = 2;
  bench.sync.changed();
  old();
  bench.rest();
  assert.equal(bench.take(), 'state[]@1 synced state[2]@2 g2/1');
});

test('[TAG-1] a conversation that appears later and that the device knows from elsewhere is judged', () => {
  const bench = new SessionBench();
  const cursors = new Map([['g2', { cursor: cursor(4, 99), acked: [], want: undefined }]]);
  bench.sync.start(planOf({ cursors }));
  bench.rest();
  bench.take();
  bench.join(2, entries(1, 2));
  bench.rows = [rowOf(2, { rev: 2 })];
  bench.rev = 2;
  bench.sync.changed();
  bench.rest();
  assert.equal(bench.take(), 'state[2]@2 foreign g2:reset g2/1 g2/2');
});

test('[DELIV-1] a conversation that was over before is synced only for a device that knows it', () => {
  const start = (cursors: Parameters<typeof planOf>[0]) => {
    const bench = new SessionBench();
    bench.join(1, entries(1, 5), [{ from: seqOf(1), to: seqOf(4) }]);
    bench.sync.start(planOf(cursors));
    bench.rest();
    return bench.take();
  };
  assert.equal(start({}), 'state[]@1 synced');
  const cursors = new Map([['g1', { cursor: cursor(2), acked: [], want: undefined }]]);
  assert.equal(start({ cursors }), 'state[]@1 g1/3 g1/4 synced');
});

test('[DELIV-1] a conversation that was joined and over while the device was away comes to it whole', () => {
  const bench = new SessionBench();
  bench.join(1, entries(1, 5), [{ from: seqOf(2), to: seqOf(4) }]);
  bench.join(2, entries(1, 5), [{ from: seqOf(1), to: seqOf(3) }]);
  bench.rows = [rowOf(2, { left: true }), rowOf(1, { left: true, rev: 2 })];
  bench.rev = 2;
  bench.sync.start(planOf({ state: versionOf(1) }));
  bench.rest();
  assert.equal(bench.take(), 'state[2]@2 g1/2 g1/3 g1/4 synced');
});

test('[DELIV-1] a conversation that was joined and over before a session looked comes to it whole, and once', () => {
  const bench = startLive();
  bench.join(2, entries(1, 5), [{ from: seqOf(2), to: seqOf(4) }]);
  for (const rev of [2, 3]) {
    bench.rows = [rowOf(2, { left: true, rev })];
    bench.rev = rev;
    bench.sync.changed();
    bench.rest();
  }
  assert.equal(bench.take(), 'state[2]@2 g2/2 g2/3 g2/4 state[3]@3');
});

test('[DELIV-1] a conversation that a device does not know and that was over before does not come with a change of its row', () => {
  const bench = new SessionBench();
  bench.join(2, entries(1, 5), [{ from: seqOf(2), to: seqOf(4) }]);
  bench.rows = [rowOf(2, { left: true })];
  bench.sync.start(planOf());
  bench.rest();
  bench.rows = [rowOf(2, { left: true, rev: 2 })];
  bench.rev = 2;
  bench.sync.changed();
  bench.rest();
  assert.equal(bench.take(), 'state[1]@1 synced state[2]@2');
});

test('[CLASSIC-3] a classic session goes on, in full, after the later of what it was sent and what was read', () => {
  const bench = new SessionBench();
  bench.join(1, entries(1, 5));
  bench.join(2, entries(1, 5), [{ from: seqOf(1), to: seqOf(3) }]);
  bench.join(3, entries(1, 5), [{ from: seqOf(1), to: seqOf(3) }]);
  bench.join(4, entries(1, 2));
  const positions = [
    { readSeq: 2, classicSeq: 3 },
    { readSeq: 2, classicSeq: 0 },
    { readSeq: 0, classicSeq: 0 },
    { readSeq: 0, classicSeq: 0 },
  ];
  bench.memberships = bench.memberships.map((one, index) => ({ ...one, ...positions[index] }) as never);
  bench.sync.start(planOf({ from: 'account', byDefault: { mode: 'lazy', last: 1 } }));
  bench.rest();
  assert.equal(bench.take(), 'state[]@1 g1/4 g1/5 g2/3 g4/1 g4/2 synced');
});

test('[DELIV-1] memberships come page by page, and synced only after the last one', () => {
  const bench = new SessionBench();
  for (let id = 1; id <= 5; id += 1) bench.join(id, entries(1, 1));
  bench.membershipRows = 2;
  bench.sync.start(planOf());
  bench.rest();
  assert.equal(bench.take(), 'state[]@1 g1/1 g2/1 g3/1 g4/1 g5/1 synced');
});

test('[DELIV-1] synced waits for every conversation, and a new one that settles first does not count for another', () => {
  const bench = new SessionBench();
  bench.join(1, entries(1, 3));
  bench.sync.start(planOf());
  bench.answer('state');
  bench.answer('memberships');
  bench.answer('head');
  const slow = bench.capture('page');
  bench.join(2, entries(1, 1));
  bench.rows = [rowOf(2, { rev: 2 })];
  bench.rev = 2;
  bench.sync.changed();
  bench.rest();
  assert.equal(bench.take(), 'state[]@1 state[2]@2 g2/1');
  slow();
  bench.rest();
  assert.equal(bench.take(), 'g1/1 g1/2 g1/3 synced');
});

test('[DELIV-1] synced is told once, whatever comes, goes and comes back later', () => {
  const bench = startLive();
  bench.commit(1, entry(4, { kind: 'leave', author: bench.user }));
  bench.setStays(1, [{ from: seqOf(1), to: seqOf(4) }]);
  bench.rest();
  bench.join(1, entries(1, 6), [
    { from: seqOf(1), to: seqOf(4) },
    { from: seqOf(6), to: null },
  ]);
  bench.rows = [rowOf(1, { rev: 2 })];
  bench.rev = 2;
  bench.sync.changed();
  bench.rest();
  assert.equal(bench.take(), 'g1/4 state[2]@2 g1:not_member(5..5) g1/6');
});

test('[WIRE-3] synced is not told while the queue is full', () => {
  const bench = new SessionBench();
  bench.rows = [rowOf(1)];
  bench.room = 1;
  bench.sync.start(planOf());
  bench.rest();
  assert.equal(bench.take(), 'state[1]@1');
  bench.drain();
  bench.drain();
  assert.equal(bench.take(), 'synced');
});

test('[WIRE-3] draining goes round the conversations until the queue is full again', () => {
  const bench = new SessionBench();
  for (const id of [1, 2, 3]) bench.join(id, entries(1, 1));
  bench.sync.start(planOf());
  bench.rest();
  bench.take();
  bench.room = 1;
  for (const id of [1, 2, 3]) bench.commit(id, entry(2), entry(3));
  assert.equal(bench.take(), 'g1/2');
  const handedOver: string[] = [];
  for (let round = 0; round < 5; round += 1) {
    bench.drain(1);
    bench.rest();
    handedOver.push(bench.take());
  }
  assert.deepEqual(handedOver.toSorted(), ['g1/3', 'g2/2', 'g2/3', 'g3/2', 'g3/3']);
});

test('[LIMIT-1] a session asks for four pages at once, and for the next when one has come', () => {
  const bench = new SessionBench();
  for (let id = 1; id <= 6; id += 1) bench.join(id, entries(1, 1));
  bench.sync.start(planOf());
  bench.answer('state');
  bench.answer('memberships');
  for (let id = 1; id <= 6; id += 1) bench.answer('head');
  assert.deepEqual(bench.asked, ['page', 'page', 'page', 'page']);
  bench.answer('page');
  assert.equal(bench.asked.filter((what) => what === 'page').length, 4);
  bench.rest();
  assert.equal(bench.take(), 'state[]@1 g1/1 g2/1 g3/1 g4/1 g5/1 g6/1 synced');
});

test('what was not started hears of nothing, and a session starts once', () => {
  const bench = new SessionBench();
  bench.sync.changed();
  bench.sync.drained();
  assert.equal(bench.sync.isStarted, false);
  bench.sync.start(planOf());
  bench.sync.start(planOf());
  assert.deepEqual(bench.asked, ['state']);
});
