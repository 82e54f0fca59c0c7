import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History } from '../../src/checkers/history.ts';
import type { FaultRecord, HistoryRecord } from '../../src/history/record.ts';
import { impactsOf } from '../../src/run/impact.ts';

function historyOf(...records: HistoryRecord[]): History {
  const history = new History();
  for (const [index, record] of records.entries()) history.add(record, index + 1);
  return history;
}

function session(s: number, t: number, n = 'node1'): HistoryRecord[] {
  return [
    { k: 'open', t, s, u: 1, d: 1, n, at: [] },
    { k: 'synced', t: t + 10, s },
  ];
}

const SEND = { k: 'call', s: 1, u: 1, op: 'send', c: 'd1-2' } as const;
const KILL = { k: 'fault', n: 0, fault: 'kill-node', v: ['node1'], ms: 900, what: 'node1 killed' } as const;
const REDIS = { k: 'fault', n: 1, fault: 'freeze-redis', v: ['redis'], ms: 900, what: 'Redis frozen' } as const;

function lasting(fault: Omit<FaultRecord, 't' | 'does'>, from: number, to: number): [FaultRecord, FaultRecord] {
  return [
    { ...fault, t: from, does: 'begin' },
    { ...fault, t: to, does: 'end' },
  ];
}

test('what a fault did: which sessions ended, when they were back, what was not answered, how long nothing went', () => {
  const [begin, end] = lasting(KILL, 1_000, 2_000);
  const [impact] = impactsOf(
    historyOf(
      ...session(1, 100),
      { ...SEND, t: 900, d: 950, i: 'a', r: { q: 1 } },
      begin,
      { ...SEND, t: 990, d: 1_005, i: 'b' },
      { k: 'shut', t: 1_005, s: 1, why: 'read ECONNRESET' },
      ...session(2, 1_400),
      { ...SEND, t: 1_500, d: 1_600, i: 'b', e: 'store_unavailable' },
      { ...SEND, t: 1_610, d: 1_620, i: 'c', e: 'blocked' },
      { ...SEND, t: 1_610, d: 1_621, i: 'd', e: 'after_failed' },
      { ...SEND, t: 1_650, d: 1_700, i: 'b', r: { q: 2 } },
      end,
    ),
  );
  assert.ok(impact);
  assert.deepEqual([impact.sessions, impact.recoveriesMs], [1, [410]]);
  assert.deepEqual(impact.errors, { 'no answer': 1, store_unavailable: 1 });
  assert.deepEqual([impact.silenceMs, impact.failed, impact.with], [700, undefined, []]);
});

test('people who leave are no victims, and a fault that showed a broken promise says which', () => {
  const [impact] = impactsOf(
    historyOf(
      ...session(1, 100),
      { ...KILL, fault: 'drain-node', t: 1_000, does: 'begin' },
      { ...SEND, t: 990, d: 1_005, i: 'a' },
      { k: 'shut', t: 1_005, s: 1, why: 'left' },
      { ...KILL, fault: 'drain-node', t: 2_000, does: 'failed', what: 'node1 ended with 1' },
    ),
  );
  assert.deepEqual([impact?.sessions, impact?.recoveriesMs, impact?.errors], [0, [], {}]);
  assert.equal(impact?.failed, 'node1 ended with 1');
});

test('of faults that overlap each has its own times, and what was noticed counts once, for the likeliest of them', () => {
  const [killed, restarted] = lasting(KILL, 1_000, 2_000);
  const [frozen, thawed] = lasting(REDIS, 1_100, 3_000);
  const impacts = impactsOf(
    historyOf(
      ...session(1, 100, 'node1'),
      ...session(2, 110, 'nginx'),
      ...session(3, 120, 'node2'),
      killed,
      frozen,
      // The node itself was killed; through nginx one may have been on it; node2 is well, but has no Redis.
      { k: 'shut', t: 1_200, s: 1, why: 'read ECONNRESET' },
      { k: 'shut', t: 1_200, s: 2, why: 'read ECONNRESET' },
      { ...SEND, s: 3, t: 1_150, d: 1_300, i: 'a', e: 'busy' },
      restarted,
      thawed,
    ),
  );
  assert.deepEqual(
    impacts.map(({ fault, beginMs, endMs }) => [fault, beginMs, endMs]),
    [
      ['kill-node', 1_000, 2_000],
      ['freeze-redis', 1_100, 3_000],
    ],
  );
  assert.deepEqual(
    impacts.map((impact) => [impact.with, impact.sessions, impact.errors]),
    [
      [['freeze-redis'], 2, {}],
      [['kill-node'], 0, { busy: 1 }],
    ],
  );
});

test('what a fault could not do is told instead of what it was to do', () => {
  const [begin, end] = lasting({ ...KILL, fault: 'cut-in-commit', what: 'cut' }, 1_000, 2_000);
  const [impact] = impactsOf(historyOf(begin, { ...end, what: 'no COMMIT passed' }));
  assert.equal(impact?.what, 'no COMMIT passed');
});

test('only who was cut counts for a reset of connections', () => {
  const reset = { k: 'fault', n: 1, fault: 'reset-connections', v: ['clients'], ms: 0, what: '1 reset' } as const;
  const impacts = impactsOf(
    historyOf(
      ...session(1, 100, 'node1'),
      ...session(2, 110, 'node2'),
      ...lasting(KILL, 1_000, 1_500),
      ...lasting(reset, 1_100, 1_100),
      { k: 'shut', t: 1_110, s: 1, why: 'read ECONNRESET' },
      { k: 'shut', t: 1_110, s: 2, why: 'cut' },
    ),
  );
  assert.deepEqual(
    impacts.map(({ fault, sessions }) => [fault, sessions]),
    [
      ['kill-node', 1],
      ['reset-connections', 1],
    ],
  );
});
