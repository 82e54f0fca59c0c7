import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { judge } from '../../src/run/judge.ts';
import { startEmbedded } from '../../src/systems/start-embedded.ts';
import type { System } from '../../src/systems/system.ts';
import { TcpProxy } from '../../src/systems/tcp-proxy.ts';
import { accidents } from './accidents.ts';
import { complaints, runBriefly } from './run-briefly.ts';

const startSystem = (folder: string): Promise<System> => startEmbedded({ folder });

/** A node whose clients connect through a proxy that loses, doubles and changes an entry. */
async function startTampered(folder: string): Promise<System> {
  const system = await startEmbedded({ folder });
  const proxy = await TcpProxy.open(system.nodes[0]?.port ?? 0, accidents());
  const dispose = async (): Promise<void> => {
    await proxy[Symbol.asyncDispose]();
    await system[Symbol.asyncDispose]();
  };
  return { ...system, endpoints: [{ name: 'tampered', port: proxy.port }], [Symbol.asyncDispose]: dispose };
}

test('a healthy node that is killed, cut off from its clients, and met by slow ones keeps every rule', async (t) => {
  const faults = ['kill-node', 'reset-connections', 'slow-reader'] as const;
  const verdict = await runBriefly(t, { changes: { seconds: 4, faults, atOnce: 2 }, startSystem });
  assert.ok(verdict);
  assert.deepEqual(complaints(verdict), []);
  assert.ok(verdict.counts.acknowledged > 100, `${verdict.counts.acknowledged} acknowledged`);
  assert.ok(verdict.faults.length > 0);
  const tried = new Set(verdict.faults.map(({ fault }) => fault));
  assert.deepEqual(new Set([...tried, ...verdict.untried]), new Set(faults));
});

test('entries that are lost, doubled and changed on their way are found, each by its rule', async (t: TestContext) => {
  const verdict = await runBriefly(t, { startSystem: startTampered });
  assert.ok(verdict);
  assert.equal(verdict.ok, false);
  assert.deepEqual(complaints(verdict), ['delivered', 'once', 'same']);
  for (const { violations, first } of verdict.rules) {
    if (violations > 0) assert.match(first[0]?.evidence.join('\n') ?? '', /^> \d+: \{/m);
  }
});

for (const phase of ['meet', 'frozen', 'judging'] as const) {
  test(`a run that is ended early (${phase}) puts everything back and judges nothing`, async (t) => {
    const stop = new AbortController();
    const onLine = (line: string): void => {
      if (line.includes(phase)) stop.abort();
    };
    let node: System['nodes'][number] | undefined;
    const start = async (folder: string): Promise<System> => {
      const system = await startSystem(folder);
      node = system.nodes[0];
      const freeze = node?.freeze.bind(node);
      if (node && freeze) {
        node.freeze = () => {
          freeze();
          onLine('frozen');
        };
      }
      return system;
    };
    const seconds = phase === 'judging' ? 1 : 60;
    const changes = { seconds, faults: phase === 'judging' ? [] : (['freeze-node'] as const) };
    assert.equal(await runBriefly(t, { changes, signal: stop.signal, startSystem: start, onLine }), undefined);
    assert.equal(stop.signal.aborted, true);
    assert.equal(node?.isRunning, false);
  });
}

test('a node that ends by itself fails the run, and its history judged again tells it as well', async (t) => {
  const start = async (folder: string): Promise<System> => {
    const system = await startSystem(folder);
    const [node] = system.nodes;
    assert.ok(node);
    const heal = async (): Promise<void> => {
      process.kill(node.pid, 'SIGKILL');
      while (node.isRunning) await sleep(10);
      await system.heal();
    };
    return { ...system, heal };
  };
  const verdict = await runBriefly(t, { startSystem: start });
  assert.ok(verdict);
  assert.equal(verdict.ok, false);
  assert.match(verdict.problems.join(), /^node1 ended by itself/);
  assert.deepEqual(await judge(verdict.history), verdict);
});
