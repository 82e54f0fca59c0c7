import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { unavailable } from '@parley/testkit';
import { Progress } from '../../src/run/progress.ts';
import { runVerify } from '../../src/run/run-verify.ts';
import { startBreakableCluster } from '../../src/systems/start-cluster.ts';
import type { System } from '../../src/systems/system.ts';

/** Starting a cluster takes half of it on a busy machine. */
const WHOLE_MS = 240_000;

test('a cluster keeps every rule while commits are cut and a node is killed', { timeout: WHOLE_MS }, async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-verify-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  let system: System;
  try {
    system = await startBreakableCluster({ folder, flavour: 'mysql', nodes: 2, onProgress: () => {} });
  } catch (error) {
    unavailable(t, 'a cluster', (error as Error).message);
    return;
  }
  const faults = ['cut-in-commit', 'kill-node', 'reset-connections'] as const;
  const size = { seconds: 12, users: 10, rate: 150, seed: 21, atOnce: 3 };
  const on = { kind: 'started', store: 'mysql', nodes: 2 } as const;
  using progress = new Progress({ write: () => {}, columns: () => undefined });
  const verdict = await runVerify({
    command: { verb: 'run', on, faults, allFaults: false, folder, ...size },
    folder,
    progress,
    signal: new AbortController().signal,
    startSystem: async () => system,
  });
  assert.ok(verdict);
  const broken = verdict.rules.filter(({ violations }) => violations > 0);
  assert.deepEqual([broken, verdict.problems], [[], []]);
  assert.deepEqual(new Set(verdict.faults.map(({ fault }) => fault)), new Set(faults));
  assert.ok(verdict.counts.acknowledged > 100, `${verdict.counts.acknowledged} acknowledged`);
});
