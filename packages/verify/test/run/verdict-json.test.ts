import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verdictJson } from '../../src/run/verdict-json.ts';

test('for programs the verdict has snake_case names, and each violation says who, where, which seqs and which lines', () => {
  const violation = {
    rule: 'chain',
    what: 'a',
    conversation: 'g1',
    user: 2,
    session: 3,
    seqs: [4],
    lines: [5],
  } as const;
  const json = verdictJson({
    ok: false,
    seed: 7,
    store: 'mysql',
    truth: 'database',
    problems: [],
    counts: { acknowledged: 1, calls: 1, deliveries: 1, sessions: 1, entries: 1 },
    rules: [
      {
        rule: 'chain',
        says: 'order',
        violations: 1,
        limit: undefined,
        first: [{ ...violation, clientId: 'x', evidence: ['> 5: {}'] }],
      },
    ],
    faults: [
      {
        fault: 'kill-node',
        what: 'node1 killed',
        beginMs: 1,
        endMs: 2,
        with: [],
        failed: undefined,
        sessions: 1,
        recoveriesMs: [3],
        errors: { 'no answer': 1 },
        silenceMs: 4,
      },
    ],
    untried: ['kill-redis'],
    history: '/tmp/history.jsonl',
  });
  const { rules, faults } = JSON.parse(JSON.stringify(json));
  const { rule: _, ...shown } = violation;
  assert.deepEqual(rules[0].first, [{ ...shown, client_id: 'x', evidence: ['> 5: {}'] }]);
  assert.deepEqual(faults, [
    {
      fault: 'kill-node',
      what: 'node1 killed',
      begin_ms: 1,
      end_ms: 2,
      with: [],
      sessions: 1,
      recoveries_ms: [3],
      errors: { 'no answer': 1 },
      silence_ms: 4,
    },
  ]);
});
