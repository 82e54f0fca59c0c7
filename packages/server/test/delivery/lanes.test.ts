import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { FakeClock } from '@parley/testkit';
import type { AppendRequest, AppendResult, CommitOutcome, ConversationId } from '../../src/chat/ports/index.ts';
import { DeliveryStats } from '../../src/delivery/delivery-stats.ts';
import { Lanes } from '../../src/delivery/lanes.ts';
import { DIRECT, GROUP, placed, request } from './builders.ts';

/** Two lanes over a store whose commits wait for the test, and what was asked and answered, in words. */
function startLanes() {
  const lines: string[] = [];
  const commits = { main: [] as Resolve[], aside: [] as Resolve[] };
  const commit = (batch: readonly AppendRequest[], lane: 'main' | 'aside') => {
    lines.push(`${lane} ${batch.map(({ clientId }) => clientId).join('+')}`);
    return new Promise<CommitOutcome>((resolve) => commits[lane].push(resolve));
  };
  const settle = () => Promise.reject(new Error('nothing to settle'));
  const log = { warn: () => undefined, error: () => undefined };
  const stats = new DeliveryStats();
  const lanes = new Lanes(
    { store: { commit, settle }, clock: new FakeClock(), log, stats },
    {
      placed: (batch, results) => batch.forEach(({ owner }, index) => owner(results[index] as AppendResult)),
      refused: ({ owner }, code) => owner({ state: 'refused', code }),
      changed: () => undefined,
      ended: () => undefined,
    },
  );
  const append = (name: string, conversation: ConversationId) =>
    lanes.append(request(name, { conversation }), (result) =>
      lines.push(`${name}: ${result.state === 'refused' ? result.code : result.seq}`),
    );
  const answer = async (lane: 'main' | 'aside', ...results: (AppendResult | undefined)[]) => {
    commits[lane].shift()?.({ state: 'done', results, changed: [] });
    await setImmediate();
  };
  const take = async () => {
    await setImmediate();
    return lines.splice(0);
  };
  return { lanes, stats, append, answer, take };
}

type Resolve = (outcome: CommitOutcome) => void;

test('[ORDER-1] a conversation that is stuck goes the other way, in order, and the rest does not wait for it', async () => {
  const { append, answer, take } = startLanes();
  append('d1', DIRECT.id);
  append('g1', GROUP.id);
  await take();
  append('d2', DIRECT.id);
  append('g2', GROUP.id);
  await answer('main', undefined, placed(1));
  assert.deepEqual(await take(), ['main g2', 'g1: 1', 'aside d1+d2']);
  append('d3', DIRECT.id);
  await answer('main', placed(2));
  assert.deepEqual(await take(), ['g2: 2'], 'it did not wait');
  await answer('aside', placed(1), placed(2));
  assert.deepEqual(await take(), ['aside d3', 'd1: 1', 'd2: 2']);
});

test('[ORDER-1] it comes back to the main way only when nothing of it waits on the other', async () => {
  const { lanes, append, answer, take } = startLanes();
  append('d1', DIRECT.id);
  await take();
  await answer('main', undefined);
  await take();
  append('d2', DIRECT.id);
  await answer('aside', placed(1));
  append('d3', DIRECT.id);
  assert.deepEqual(await take(), ['aside d2', 'd1: 1'], 'd2 is under way there, so d3 must follow it');
  await answer('aside', placed(2));
  await answer('aside', placed(3));
  append('d4', DIRECT.id);
  assert.deepEqual(await take(), ['aside d3', 'd2: 2', 'd3: 3', 'main d4']);
  await answer('main', placed(4));
  assert.equal(lanes.areIdle, true);
});

test('[SEND-1] what is stuck on the other way as well is refused, and what comes for it still goes there', async () => {
  const { lanes, stats, append, answer, take } = startLanes();
  append('d1', DIRECT.id);
  await take();
  await answer('main', undefined);
  await take();
  await answer('aside', undefined);
  assert.equal(stats.stuck, 2);
  assert.deepEqual(await take(), ['d1: store_unavailable']);
  append('d2', DIRECT.id);
  assert.deepEqual(await take(), ['aside d2']);
  await answer('aside', { state: 'refused', code: 'blocked' });
  append('d3', DIRECT.id);
  assert.deepEqual(await take(), ['d2: blocked', 'main d3'], 'it was judged, so the lock was had');
  await answer('main', placed(1));
  assert.equal(lanes.areIdle, true);
});
