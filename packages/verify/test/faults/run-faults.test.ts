import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Chance } from '../../src/crowd/chance.ts';
import { FAULTS, type FaultName } from '../../src/faults/fault.ts';
import { runFaults } from '../../src/faults/run-faults.ts';
import { scheduleOf } from '../../src/faults/schedule.ts';
import type { FaultRecord, HistoryRecord } from '../../src/history/record.ts';
import { FakeSystem } from './fake-system.ts';

const ENOUGH = 60;

interface Trial {
  readonly seed: number;
  readonly atOnce: number;
  readonly nodes?: number;
  /** How a thing done to the system is answered, and how long a wait lasts. */
  readonly answer: (random: () => number) => Promise<void>;
}

/** Runs faults until many were begun. */
async function trial({
  seed,
  atOnce,
  nodes = 3,
  answer,
}: Trial): Promise<{ fake: FakeSystem; records: FaultRecord[] }> {
  const records: FaultRecord[] = [];
  const stop = new AbortController();
  const mood = new Chance(seed + atOnce);
  const wait = (): Promise<void> => answer(() => mood.next());
  const fake = new FakeSystem({ nodes, answer: wait });
  const write = (record: HistoryRecord): void => {
    if (record.k === 'fault') records.push(record);
    if (records.filter(({ does }) => does === 'begin').length >= ENOUGH) stop.abort();
  };
  await runFaults({
    names: FAULTS,
    atOnce,
    system: fake.system,
    chance: new Chance(seed),
    crowd: { devices: [], counts: { sent: 0, acknowledged: 0, delivered: 0, refused: 0, unavailable: 0 } },
    history: { now: () => records.length, write },
    signal: stop.signal,
    sleep: wait,
    onChange: () => {},
  });
  return { fake, records };
}

const AT_ONCE = (): Promise<void> => Promise.resolve();

async function byChance(random: () => number): Promise<void> {
  for (let turns = Math.floor(random() * 6); turns > 0; turns -= 1) await turn();
}

function planned(records: readonly FaultRecord[]): string[] {
  return records
    .filter(({ does }) => does === 'begin')
    .sort((a, b) => a.n - b.n)
    .map(({ n, fault, v, ms }) => `${n} ${fault} ${v.join()} ${ms}`);
}

for (const atOnce of [1, 2, 3, 5]) {
  test(`the same seed gives the same faults, victims and lengths, however the system behaves, ${atOnce} at once`, async () => {
    const quick = await trial({ seed: 7, atOnce, answer: AT_ONCE });
    const slow = await trial({ seed: 7, atOnce, answer: byChance });
    const common = Math.min(planned(quick.records).length, planned(slow.records).length);
    assert.ok(common >= ENOUGH - atOnce, `${common} in common`);
    assert.deepEqual(planned(slow.records).slice(0, common), planned(quick.records).slice(0, common));
    const other = await trial({ seed: 8, atOnce, answer: AT_ONCE });
    assert.notDeepEqual(planned(other.records).slice(0, common), planned(quick.records).slice(0, common));
  });

  test(`no fault breaks what another has broken, each is put back, and has a begin and an end, ${atOnce} at once`, async () => {
    const { fake, records } = await trial({ seed: 11, atOnce, answer: byChance });
    assert.deepEqual([fake.clashes, [...fake.broken]], [[], []]);
    for (const [n, ofOne] of Map.groupBy(records, (record) => record.n)) {
      assert.deepEqual(
        ofOne.map(({ does }) => does),
        ['begin', 'end'],
        `fault ${n}`,
      );
    }
    const most = records.reduce(
      ({ now, peak }, { does }) => {
        const then = now + (does === 'begin' ? 1 : -1);
        return { now: then, peak: Math.max(peak, then) };
      },
      { now: 0, peak: 0 },
    ).peak;
    assert.equal(most, atOnce);
  });
}

test('a round has as many faults as find victims of their own, and none is left out for long', () => {
  const { system } = new FakeSystem({ nodes: 2, answer: AT_ONCE });
  const schedule = scheduleOf({ names: FAULTS, system, chance: new Chance(5), atOnce: 3 });
  const rounds = Array.from({ length: 200 }, () => schedule.next().value?.faults ?? []);
  for (const faults of rounds) {
    const victims = faults.flatMap((plan) => plan.victims);
    assert.equal(new Set(victims).size, victims.length);
    assert.ok(faults.length >= 1 && faults.length <= 3);
  }
  const counts = Map.groupBy(rounds.flat(), ({ fault }) => fault);
  assert.deepEqual(new Set(counts.keys()), new Set(FAULTS));
  const sizes = [...counts.values()].map(({ length }) => length);
  assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 2, sizes.join());
});

test('with one victim only, faults come one after another', () => {
  const { system } = new FakeSystem({ nodes: 1, answer: AT_ONCE });
  const names: FaultName[] = ['kill-node', 'freeze-node'];
  const schedule = scheduleOf({ names, system, chance: new Chance(1), atOnce: 4 });
  for (let count = 0; count < 20; count += 1) assert.equal(schedule.next().value?.faults.length, 1);
});
