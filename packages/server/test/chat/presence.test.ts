import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UserId } from '@parley/protocol';
import { FakeClock } from '@parley/testkit';
import type { Whereabouts } from '../../src/chat/ports/index.ts';
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

class Elsewhere implements Whereabouts {
  readonly announced: [UserId, boolean][] = [];
  readonly #users = new Set<UserId>();
  #onChange: (user: UserId, isElsewhere: boolean) => void = () => undefined;

  announce(user: UserId, isHere: boolean): void {
    this.announced.push([user, isHere]);
  }

  isElsewhere(user: UserId): boolean {
    return this.#users.has(user);
  }

  listen(onChange: (user: UserId, isElsewhere: boolean) => void): void {
    this.#onChange = onChange;
  }

  move(user: UserId, isElsewhere: boolean): void {
    if (isElsewhere) this.#users.add(user);
    else this.#users.delete(user);
    this.#onChange(user, isElsewhere);
  }
}

function world(whereabouts?: Whereabouts) {
  const clock = new FakeClock();
  const lastSeen: [UserId, number][] = [];
  const store = {
    setLastSeen: (user: UserId, atMs: number) => {
      lastSeen.push([user, atMs]);
      return Promise.resolve();
    },
  };
  const presence = new Presence({ store, clock, whereabouts, onError: (error) => assert.fail(String(error)) });
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

test('[PRES-1] a person is online while on any node', () => {
  const elsewhere = new Elsewhere();
  const { clock, presence, watcher } = world(elsewhere);
  elsewhere.move(ANN, true);
  assert.equal(presence.isOnline(ANN), true);
  presence.arrived(ANN);
  presence.left(ANN);
  clock.advance(5_000);
  assert.equal(presence.isOnline(ANN), true, 'a session is left elsewhere');
  elsewhere.move(ANN, false);
  assert.equal(presence.isOnline(ANN), false);
  assert.deepEqual(watcher.seen, [
    [ANN, true],
    [ANN, false],
  ]);
  assert.deepEqual(elsewhere.announced, [
    [ANN, true],
    [ANN, false],
  ]);
});

test('[PRES-1] who moves to another node within the grace neither went nor came', () => {
  const elsewhere = new Elsewhere();
  const { clock, presence, watcher } = world(elsewhere);
  presence.arrived(ANN);
  presence.left(ANN);
  clock.advance(2_000);
  elsewhere.move(ANN, true);
  clock.advance(5_000);
  presence.arrived(ANN);
  elsewhere.move(ANN, false);
  assert.equal(presence.isOnline(ANN), true);
  assert.deepEqual(watcher.seen, [[ANN, true]]);
});
