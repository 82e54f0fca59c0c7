import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import type { RunCommand } from '../../src/run/options.ts';
import { Progress } from '../../src/run/progress.ts';
import { judge, runVerify } from '../../src/run/run-verify.ts';
import type { Verdict } from '../../src/run/verdict.ts';
import { startEmbedded } from '../../src/systems/start-embedded.ts';
import { type Tamper, TcpProxy } from '../../src/systems/tcp-proxy.ts';
import { accidents } from './accidents.ts';

const BRIEF: RunCommand = {
  verb: 'run',
  on: { kind: 'started', store: 'sqlite', nodes: 1 },
  seconds: 2,
  users: 6,
  rate: 200,
  faults: [],
  allFaults: false,
  atOnce: 1,
  seed: 11,
  folder: undefined,
};

interface Trial {
  readonly changes: Partial<RunCommand>;
  /** What is done to the bytes between the crowd and the node. */
  readonly tamper?: Tamper;
  readonly signal?: AbortSignal;
}

async function verify(t: TestContext, { changes, tamper, signal }: Trial): Promise<Verdict | undefined> {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-verify-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  using progress = new Progress({ write: () => {}, columns: () => undefined });
  return await runVerify({
    command: { ...BRIEF, ...changes },
    folder,
    progress,
    signal: signal ?? new AbortController().signal,
    startSystem: async (place) => {
      const system = await startEmbedded({ folder: place });
      if (tamper === undefined) return system;
      const proxy = await TcpProxy.open(system.nodes[0]?.port ?? 0, tamper);
      const dispose = async (): Promise<void> => {
        await proxy[Symbol.asyncDispose]();
        await system[Symbol.asyncDispose]();
      };
      return { ...system, endpoints: [{ name: 'tampered', port: proxy.port }], [Symbol.asyncDispose]: dispose };
    },
  });
}

test('a healthy node that is killed, cut off from its clients, and met by slow ones keeps every rule', async (t) => {
  const faults = ['kill-node', 'reset-connections', 'slow-reader'] as const;
  const verdict = await verify(t, { changes: { seconds: 4, faults } });
  assert.ok(verdict);
  const broken = verdict.rules.filter(({ violations }) => violations > 0);
  assert.deepEqual([broken, verdict.problems], [[], []]);
  assert.ok(verdict.counts.acknowledged > 100, `${verdict.counts.acknowledged} acknowledged`);
  assert.ok(verdict.faults.length > 0);
});

test('entries that are lost, doubled and changed on their way are found, each by its rule', async (t) => {
  const verdict = await verify(t, { changes: { seconds: 2 }, tamper: accidents() });
  assert.ok(verdict);
  assert.equal(verdict.ok, false);
  const broken = verdict.rules.filter(({ violations }) => violations > 0);
  assert.deepEqual(
    broken.map(({ rule }) => rule),
    ['delivered', 'once', 'same'],
  );
  for (const { first } of broken) assert.match(first[0]?.evidence.join('\n') ?? '', /^> \d+: \{/m);
});

test('a run that is ended early puts everything back and judges nothing', async (t) => {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 1_500);
  const changes = { seconds: 60, faults: ['freeze-node'] } as const;
  assert.equal(await verify(t, { changes, signal: stop.signal }), undefined);
});

test('a history that was cut off is no proof', async () => {
  const verdict = await judge('/dev/null');
  assert.equal(verdict.ok, false);
  assert.match(verdict.problems.join(), /carried through/);
});
