import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import type { RuleName } from '../../src/checkers/violation.ts';
import type { RunCommand } from '../../src/run/options.ts';
import { Progress } from '../../src/run/progress.ts';
import { judge, runVerify } from '../../src/run/run-verify.ts';
import type { Verdict } from '../../src/run/verdict.ts';
import { startEmbedded } from '../../src/systems/start-embedded.ts';
import { type Tamper, TcpProxy } from '../../src/systems/tcp-proxy.ts';

const BRIEF: RunCommand = {
  verb: 'run',
  store: 'sqlite',
  nodes: 1,
  seconds: 2,
  users: 6,
  rate: 200,
  faults: [],
  allFaults: false,
  seed: 11,
  folder: undefined,
  json: false,
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
  using progress = new Progress({ write: () => {}, isTerminal: false });
  return runVerify({
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

const ENTRY = /(?<=\n)\{"ev":"entry"[^\n]*"kind":"message"[^\n]*\n/g;

/** Changes one frame on its way to a client, the nth entry that lies whole in what was read at once. */
function tamperWith(number: number, change: (frame: string) => string): Tamper {
  let seen = 0;
  return (bytes, direction) => {
    if (direction === 'up') return [bytes];
    const changed = bytes.toString('latin1').replace(ENTRY, (frame) => {
      seen += 1;
      return seen === number ? change(frame) : frame;
    });
    return [Buffer.from(changed, 'latin1')];
  };
}

/** Rules that are broken in a run through a proxy that changes one frame. */
async function brokenBy(t: TestContext, change: (frame: string) => string): Promise<RuleName[]> {
  const verdict = await verify(t, { changes: { seconds: 2 }, tamper: tamperWith(40, change) });
  assert.ok(verdict);
  assert.equal(verdict.ok, false);
  const broken = verdict.rules.filter(({ violations }) => violations > 0);
  for (const { first } of broken) assert.match(first[0]?.evidence.join('\n') ?? '', /^> \d+: \{/m);
  return broken.map(({ rule }) => rule as RuleName);
}

test('a healthy node that is killed, drained, and cut off from its clients keeps every rule', async (t) => {
  const faults = ['kill-node', 'drain-node', 'reset-connections', 'slow-reader'] as const;
  const verdict = await verify(t, { changes: { seconds: 8, faults } });
  assert.ok(verdict);
  const broken = verdict.rules.filter(({ violations }) => violations > 0);
  assert.deepEqual([broken, verdict.problems], [[], []]);
  assert.ok(verdict.counts.acknowledged > 100, `${verdict.counts.acknowledged} acknowledged`);
  assert.ok(verdict.faults.length > 0);
});

test('an entry that is lost on its way is found', async (t) => {
  assert.deepEqual(await brokenBy(t, () => ''), ['delivered', 'once']);
});

test('an entry that comes twice is found', async (t) => {
  assert.deepEqual(await brokenBy(t, (frame) => frame + frame), ['once']);
});

test('an entry with another text is found', async (t) => {
  assert.deepEqual(await brokenBy(t, (frame) => frame.replace('the quick', 'the slow').replace(/"text":"/, '"text":"!')), ['same']);
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
