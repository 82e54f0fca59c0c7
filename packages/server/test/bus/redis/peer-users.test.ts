import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UserId } from '@parley/protocol';
import { PeerUsers } from '../../../src/bus/redis/peer-users.ts';

const [ANN, BEN, EVE] = [1 as UserId, 2 as UserId, 3 as UserId];

function mirror() {
  const told: [UserId, boolean][] = [];
  const peers = new PeerUsers((user, isElsewhere) => told.push([user, isElsewhere]));
  return { peers, take: () => told.splice(0) };
}

function lease(...nodes: [string, number][]): Map<string, number> {
  return new Map(nodes);
}

test('[PRES-1] a node that is new is loaded, then changes are enough', () => {
  const { peers, take } = mirror();
  assert.equal(peers.heard('a', { number: 4, came: [ANN], left: [] }), false, 'not known yet');
  peers.leases(lease(['a', 3]), 0);
  assert.equal(peers.takeStale(), 'a');
  assert.equal(peers.takeStale(), undefined);
  peers.heard('a', { number: 4, came: [EVE], left: [BEN] });
  peers.loaded('a', new Set([ANN, BEN]));
  peers.heard('a', { number: 5, came: [], left: [ANN] });
  peers.heard('a', { number: 5, came: [ANN], left: [] });
  assert.deepEqual(take(), [
    [ANN, true],
    [BEN, true],
    [EVE, true],
    [BEN, false],
    [ANN, false],
  ]);
  assert.equal(peers.takeStale(), undefined);
});

test('[PRES-1] a missed number means loading again, also while loading', () => {
  const { peers, take } = mirror();
  peers.leases(lease(['a', 3]), 0);
  peers.takeStale();
  peers.heard('a', { number: 6, came: [], left: [] });
  peers.loaded('a', new Set([ANN]));
  assert.deepEqual(take(), [], 'what was read is older than what was missed');
  assert.equal(peers.takeStale(), 'a');
  peers.loaded('a', new Set([BEN]));
  peers.leases(lease(['a', 7]), 0);
  assert.equal(peers.takeStale(), 'a', 'the lease tells it too');
  peers.loaded('a', new Set([EVE]));
  assert.deepEqual(take(), [
    [BEN, true],
    [EVE, true],
    [BEN, false],
  ]);
});

test('[PRES-1] who is on two nodes and leaves one has not left', () => {
  const { peers, take } = mirror();
  peers.leases(lease(['a', 1], ['b', 1]), 0);
  for (const node of ['a', 'b']) {
    assert.equal(peers.takeStale(), node);
    peers.loaded(node, new Set([ANN]));
  }
  peers.heard('a', { number: 2, came: [], left: [ANN] });
  assert.deepEqual([take(), peers.isElsewhere(ANN)], [[[ANN, true]], true]);
  peers.heard('b', { number: 2, came: [], left: [ANN] });
  assert.deepEqual([take(), peers.isElsewhere(ANN)], [[[ANN, false]], false]);
});

test('[PRES-1] a node without a lease is gone after the grace, and told once', () => {
  const { peers, take } = mirror();
  peers.leases(lease(['a', 1], ['b', 1]), 0);
  peers.takeStale();
  peers.loaded('a', new Set([ANN]));
  peers.leases(lease(['b', 1]), 3_000);
  peers.leases(lease(['b', 1]), 4_000);
  peers.sweep(2_999);
  assert.deepEqual(take(), [[ANN, true]]);
  peers.sweep(3_000);
  peers.sweep(9_000);
  assert.deepEqual(take(), [[ANN, false]]);
});

test('[PRES-1] a lease that is back within the grace, and Redis away, change nothing', () => {
  const { peers, take } = mirror();
  peers.leases(lease(['a', 1]), 0);
  peers.takeStale();
  peers.loaded('a', new Set([ANN]));
  take();
  peers.leases(lease(), 3_000);
  peers.leases(lease(['a', 1]), 4_000);
  peers.sweep(9_000);
  peers.leases(lease(), 12_000);
  peers.interrupted();
  peers.sweep(99_000);
  assert.deepEqual([take(), peers.isElsewhere(ANN)], [[], true]);
  assert.equal(peers.takeStale(), undefined, 'what has no lease may have no set');
  peers.leases(lease(['a', 3]), 99_000);
  assert.equal(peers.takeStale(), 'a');
  peers.loaded('a', new Set([ANN]));
  assert.deepEqual(take(), []);
});
