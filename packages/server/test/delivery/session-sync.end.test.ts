import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALICE, cursor, entries, entry, kick, seqOf } from './builders.ts';
import { group, planOf, rowOf, SessionBench } from './session-bench.ts';

/** How far a session may have come when it ends, with what it asked for unanswered. */
const STAGES: Readonly<Record<string, (bench: SessionBench) => void>> = {
  'not started': () => undefined,
  'reading its state': (bench) => bench.sync.start(planOf()),
  'reading its memberships': (bench) => {
    bench.sync.start(planOf());
    bench.answer('state');
  },
  'waiting for heads': (bench) => {
    bench.sync.start(planOf());
    bench.answer('state');
    bench.answer('memberships');
  },
  'reading pages': (bench) => {
    bench.sync.start(planOf());
    bench.answer('state');
    bench.answer('memberships');
    bench.answer('head');
    bench.answer('head');
  },
  'judging cursors': (bench) => {
    const known = { cursor: cursor(2), acked: [cursor(3)], want: undefined };
    bench.sync.start(planOf({ cursors: new Map([['g1', known]]) }));
    bench.answer('state');
    bench.answer('memberships');
    bench.answer('head');
  },
  full: (bench) => {
    bench.room = 1;
    bench.sync.start(planOf());
    bench.answer('state');
    bench.rest();
  },
  live: (bench) => {
    bench.sync.start(planOf());
    bench.rest();
  },
  'asking for stays': (bench) => {
    bench.sync.start(planOf());
    bench.rest();
    bench.commit(1, kick(4, ALICE));
  },
  'reading state again': (bench) => {
    bench.sync.start(planOf());
    bench.rest();
    bench.sync.changed();
  },
  'asking for a new conversation': (bench) => {
    bench.sync.start(planOf());
    bench.rest();
    bench.rows = [rowOf(3, { rev: 2 })];
    bench.rev = 2;
    bench.sync.changed();
    bench.answer('state');
  },
};

function startBench(): SessionBench {
  const bench = new SessionBench();
  bench.join(1, entries(1, 3));
  bench.join(2, entries(1, 3));
  return bench;
}

for (const [stage, reach] of Object.entries(STAGES)) {
  test(`a session that ends while ${stage} leaves no listener, and its peer hears of nothing more`, () => {
    const bench = startBench();
    reach(bench);
    bench.take();
    bench.sync.end();
    assert.deepEqual([bench.take(), bench.heard], ['ended', []]);
    bench.join(3, entries(1, 1));
    bench.rest();
    bench.sync.drained();
    bench.sync.changed();
    bench.sync.end();
    bench.sync.start(planOf());
    assert.deepEqual([bench.take(), bench.heard, bench.asked, bench.sync.isStarted], ['', [], [], false]);
  });
}

/** What may be handed over when a peer ends its session in that very call. */
const CALLS = ['state[]@1', 'g1:paged(1..1)', 'g1/2', 'g2/3', 'g1/4', 'synced', 'g2:reset'];

for (const call of CALLS) {
  test(`a peer that ends its session when it is handed ${call} is handed nothing more`, () => {
    const bench = startBench();
    const known = { cursor: cursor(2, 99), acked: [], want: undefined };
    const cursors = call === 'g2:reset' ? new Map([['g2', known]]) : new Map<string, typeof known>();
    bench.onHandedOver = (line) => {
      if (line !== call) return;
      bench.sync.end();
      bench.take();
    };
    bench.sync.start(planOf({ cursors, byDefault: { mode: 'lazy', last: 2 } }));
    bench.rest();
    bench.commit(1, kick(4, ALICE));
    bench.commit(2, entry(4));
    bench.rest();
    assert.deepEqual([bench.take(), bench.heard, bench.asked], ['', [], []]);
  });
}

test('an end while the first conversations begin: the rest does not begin at all', () => {
  const bench = startBench();
  const other = { started: () => undefined, next: () => undefined, caughtUp: () => undefined };
  for (const id of [1, 2]) {
    bench.feed(group(id)).listen(other);
    bench.answer('head');
    bench.commit(id, entry(4), entry(5));
  }
  const known = { cursor: cursor(4), acked: [], want: undefined };
  const cursors = new Map([
    ['g1', known],
    ['g2', known],
  ]);
  bench.onHandedOver = (line) => line === 'g1/5' && bench.sync.end();
  bench.sync.start(planOf({ cursors }));
  bench.rest();
  for (const id of [1, 2]) bench.feed(group(id)).unlisten(other);
  assert.deepEqual([bench.take(), bench.heard], ['state[]@1 g1/5 ended', []]);
});

test('an end while the feed tells of several entries', () => {
  const bench = startBench();
  bench.sync.start(planOf());
  bench.rest();
  bench.take();
  bench.onHandedOver = () => bench.sync.end();
  bench.commit(1, ...entries(4, 9));
  assert.deepEqual([bench.take(), bench.heard], ['g1/4 ended', []]);
});

test('an end while a drained queue goes round the conversations', () => {
  const bench = startBench();
  bench.sync.start(planOf());
  bench.rest();
  bench.room = 1;
  bench.commit(1, entry(4));
  bench.commit(2, entry(4));
  bench.commit(1, entry(5));
  bench.take();
  bench.onHandedOver = () => bench.sync.end();
  bench.drain();
  assert.deepEqual([bench.take(), bench.heard, bench.asked], ['g1/5 ended', [], []]);
});

test('[VIS-1] an answer about the stays that is older than the kick shows nothing of what came after it', () => {
  const bench = startBench();
  bench.sync.start(planOf());
  bench.rest();
  bench.commit(1, kick(4, ALICE), entry(5));
  const stale = bench.capture('membership');
  bench.setStays(1, [{ from: seqOf(1), to: seqOf(4) }]);
  bench.rows = [rowOf(1, { rev: 2, left: true })];
  bench.rev = 2;
  bench.sync.changed();
  bench.answer('state');
  bench.take();
  stale();
  bench.rest();
  assert.equal(bench.take(), '', 'entry 5 is not handed over');
});

test('[DELIV-1] a return that commits while the stays are read is not missed', () => {
  const bench = startBench();
  bench.sync.start(planOf());
  bench.rest();
  bench.commit(1, kick(4, ALICE));
  bench.setStays(1, [{ from: seqOf(1), to: seqOf(4) }]);
  const left = bench.capture('membership');
  bench.join(1, entries(1, 6), [
    { from: seqOf(1), to: seqOf(4) },
    { from: seqOf(6), to: null },
  ]);
  bench.rows = [rowOf(1, { rev: 3 })];
  bench.rev = 3;
  bench.sync.changed();
  bench.answer('state');
  bench.take();
  left();
  bench.rest();
  assert.equal(bench.take(), 'g1:not_member(5..5) g1/6');
});

test('[DELIV-1] a stay that began and ended unnoticed is made up for', () => {
  const bench = startBench();
  bench.sync.start(planOf());
  bench.rest();
  bench.commit(1, kick(4, ALICE));
  bench.setStays(1, [{ from: seqOf(1), to: seqOf(4) }]);
  bench.rest();
  bench.take();
  bench.join(1, entries(1, 9), [
    { from: seqOf(1), to: seqOf(4) },
    { from: seqOf(6), to: seqOf(7) },
  ]);
  bench.rows = [rowOf(1, { rev: 3, left: true })];
  bench.rev = 3;
  bench.sync.changed();
  bench.rest();
  assert.equal(bench.take(), 'state[3]@3 g1:not_member(5..5) g1/6 g1/7');
});

test('[DELIV-1] a return that is told before the first stays have come to their end', () => {
  const bench = startBench();
  bench.setStays(1, [{ from: seqOf(1), to: seqOf(3) }]);
  bench.sync.start(planOf({ cursors: new Map([['g1', { cursor: cursor(3), acked: [], want: undefined }]]) }));
  bench.answer('state');
  bench.answer('memberships');
  bench.join(1, entries(1, 5), [
    { from: seqOf(1), to: seqOf(3) },
    { from: seqOf(5), to: null },
  ]);
  bench.rows = [rowOf(1, { rev: 2 })];
  bench.rev = 2;
  bench.sync.changed();
  bench.answer('state');
  bench.answer('membership');
  bench.rest();
  assert.match(bench.take(), /g1:not_member\(4\.\.4\) g1\/5/);
});
