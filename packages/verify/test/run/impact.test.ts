import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History } from '../../src/checkers/history.ts';
import type { HistoryRecord } from '../../src/history/record.ts';
import { impactsOf } from '../../src/run/impact.ts';

function historyOf(...records: HistoryRecord[]): History {
  const history = new History();
  for (const [index, record] of records.entries()) history.add(record, index + 1);
  return history;
}

function session(s: number, t: number): HistoryRecord[] {
  return [
    { k: 'open', t, s, u: 1, d: 1, n: 'node1', at: [] },
    { k: 'synced', t: t + 10, s },
  ];
}

const SEND = { k: 'call', s: 1, u: 1, op: 'send', c: 'd1-2' } as const;

test('what a fault did: which sessions ended, when they were back, what was not answered, how long nothing went', () => {
  const [impact] = impactsOf(
    historyOf(
      ...session(1, 100),
      { ...SEND, t: 900, d: 950, i: 'a', r: { q: 1 } },
      { k: 'fault', t: 1_000, fault: 'kill-node', does: 'begin', what: 'node1 killed' },
      { ...SEND, t: 990, d: 1_005, i: 'b' },
      { k: 'shut', t: 1_005, s: 1, why: 'read ECONNRESET' },
      ...session(2, 1_400),
      { ...SEND, t: 1_500, d: 1_600, i: 'b', e: 'store_unavailable' },
      { ...SEND, t: 1_610, d: 1_620, i: 'c', e: 'blocked' },
      { ...SEND, t: 1_650, d: 1_700, i: 'b', r: { q: 2 } },
      { k: 'fault', t: 2_000, fault: 'kill-node', does: 'end', what: 'node1 killed' },
    ),
  );
  assert.ok(impact);
  assert.deepEqual([impact.sessions, impact.recoveriesMs], [1, [410]]);
  assert.deepEqual(impact.errors, { 'no answer': 1, store_unavailable: 1 });
  assert.equal(impact.silenceMs, 700);
  assert.equal(impact.failed, undefined);
});

test('people who leave are no victims, and a fault that showed a broken promise says which', () => {
  const [impact] = impactsOf(
    historyOf(
      ...session(1, 100),
      { k: 'fault', t: 1_000, fault: 'drain-node', does: 'begin', what: 'node1 drained' },
      { k: 'shut', t: 1_005, s: 1, why: 'left' },
      { k: 'fault', t: 2_000, fault: 'drain-node', does: 'failed', what: 'node1 ended with 1' },
    ),
  );
  assert.deepEqual([impact?.sessions, impact?.recoveriesMs, impact?.failed], [0, [], 'node1 ended with 1']);
});
