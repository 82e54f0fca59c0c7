import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UserId } from '@parley/protocol';
import { FakeClock } from '@parley/testkit';
import { Presence } from '../../src/chat/presence.ts';

const ANN = 1 as UserId;

class Watcher {
  readonly user = 2 as UserId;
  readonly seen: [UserId, boolean][] = [];
  hidden(): void {}
  presence(user: UserId, online: boolean): void {
    this.seen.push([user, online]);
  }
}

function world() {
  const clock = new FakeClock();
  const lastSeen: [UserId, number][] = [];
  const store = {
    setLastSeen: (user: UserId, atMs: number) => {
      lastSeen.push([user, atMs]);
      return Promise.resolve();
    },
  };
  const presence = new Presence({ store, clock, onError: (error) => assert.fail(String(error)) });
  const watcher = new Watcher();
  presence.watch(ANN, watcher);
  return { clock, lastSeen, presence, watcher };
}

test('[PRES-1] a person is here from the first session until some seconds after the last', () => {
  const { clock, lastSeen, presence, watcher } = world();
  presence.arrived(ANN);
  presence.arrived(ANN);
  presence.left(ANN);
  assert.equal(presence.isOnline(ANN), true);
  assert.deepEqual(lastSeen, [], 'another session is left');
  presence.left(ANN);
  assert.equal(presence.isOnline(ANN), true, 'a reconnect is no coming and going');
  assert.equal(lastSeen.length, 1);
  clock.advance(5_000);
  assert.equal(presence.isOnline(ANN), false);
  assert.deepEqual(watcher.seen, [
    [ANN, true],
    [ANN, false],
  ]);
});

test('[PRES-1] who comes back within the grace was never away', () => {
  const { clock, presence, watcher } = world();
  presence.arrived(ANN);
  presence.left(ANN);
  clock.advance(3_000);
  presence.arrived(ANN);
  clock.advance(60_000);
  assert.equal(presence.isOnline(ANN), true);
  assert.deepEqual(watcher.seen, [[ANN, true]]);
});

test('[PRES-1] who stopped watching is told nothing', () => {
  const { presence, watcher } = world();
  presence.unwatch(ANN, watcher);
  presence.arrived(ANN);
  assert.deepEqual(watcher.seen, []);
});
