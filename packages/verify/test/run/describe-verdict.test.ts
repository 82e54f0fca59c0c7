import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeVerdict } from '../../src/run/describe-verdict.ts';
import type { Verdict } from '../../src/run/verdict.ts';

const WELL: Verdict = {
  ok: true,
  seed: 7,
  store: 'mysql',
  truth: 'database',
  problems: [],
  counts: { acknowledged: 1_200, calls: 3_000, deliveries: 9_000, sessions: 12, entries: 1_250 },
  rules: [{ rule: 'chain', says: 'what one device sent is in its order', violations: 0, limit: undefined, first: [] }],
  faults: [],
  untried: [],
  history: '/tmp/history.jsonl',
};

test('all is well', () => {
  assert.equal(
    describeVerdict(WELL),
    `
✔ chain        what one device sent is in its order

1,200 messages acknowledged, 9,000 deliveries to 12 sessions, 1,250 entries in
the database, 0 faults
✔ every rule holds (--seed 7)`,
  );
});

test('what was judged in part is marked, and said again at the end: it is never simply green', () => {
  const rules = WELL.rules.map((rule) => ({ ...rule, limit: 'heads were not judged' }));
  const text = describeVerdict({ ...WELL, truth: 'nodes', rules });
  assert.match(text, /^◐ chain /m);
  assert.match(text, /^ {15}\(heads were not judged\)$/m);
  assert.match(text, /^◐ The database was not read/m);
  assert.match(text, /^✔ every rule holds, as far as nodes show it \(--seed 7\)$/m);
});

test('a violation is told with its evidence, and where to look again', () => {
  const first = [{ rule: 'chain', what: 'it stands at 4', lines: [12], evidence: ['> 12: {}'] } as const];
  const rules = WELL.rules.map((rule) => ({ ...rule, violations: 30, first }));
  const text = describeVerdict({ ...WELL, ok: false, rules, problems: ['node1 ended by itself'] });
  assert.match(text, /^✖ chain .*\n {4}30 violations, the first of them:\n {4}it stands at 4\n {6}> 12: \{\}$/m);
  assert.match(text, /^✖ node1 ended by itself$/m);
  assert.match(text, /^✖ 30 violations, 1 problem \(--seed 7\)\n {2}look again: --history \/tmp\/history\.jsonl$/m);
});

const KILLED = {
  fault: 'kill-node',
  what: 'node1 killed',
  beginMs: 1_000,
  endMs: 2_500,
  with: [],
  failed: undefined,
  sessions: 1,
  recoveriesMs: [400],
  errors: {},
  silenceMs: 0,
};

test('a fault whose turn did not come is counted as well', () => {
  const text = describeVerdict({ ...WELL, faults: [KILLED], untried: ['kill-redis', 'disk-full'] });
  assert.match(text, /^ +1 × kill-node.*\n +0 × kill-redis, disk-full$/m);
});

test('a kind of fault that nobody felt says so: it proves nothing', () => {
  const unfelt = { ...KILLED, fault: 'clock-step', sessions: 0, recoveriesMs: [] };
  const text = describeVerdict({ ...WELL, faults: [KILLED, unfelt, unfelt, { ...unfelt, errors: { busy: 1 } }] });
  assert.match(text, /^ +1 × kill-node, sessions back after 0\.4 s$/m);
  assert.match(text, /^ +3 × clock-step, 1 of them felt$/m);
});

test('faults that overlap say so', () => {
  const text = describeVerdict({
    ...WELL,
    faults: [
      {
        ...KILLED,
        with: ['freeze-redis'],
        sessions: 2,
        recoveriesMs: [400, 900],
        errors: { busy: 3 },
        silenceMs: 700,
      },
    ],
  });
  assert.match(text, /^ +1\.0 s to 2\.5 s {2}kill-node: node1 killed\n +together with freeze-redis\n/m);
  assert.match(text, /^ +2 sessions ended, back after 0\.9 s \(p99 0\.9 s, longest 0\.9 s\)$/m);
  assert.match(text, /^ +nothing acknowledged for 0\.7 s\n +3 × busy$/m);
});
