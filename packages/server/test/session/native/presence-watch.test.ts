import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UserId, UserRef } from '@parley/protocol';
import { FakeClock } from '@parley/testkit';
import { Presence } from '../../../src/chat/presence.ts';
import { PresenceWatch } from '../../../src/session/native/presence-watch.ts';

const ANN: UserRef = { id: 1, name: 'ann' };
const BEN: UserRef = { id: 2, name: 'ben' };

function world() {
  const clock = new FakeClock();
  const store = { setLastSeen: () => Promise.resolve() };
  const presence = new Presence({ store, clock, onError: (error) => assert.fail(String(error)) });
  const frames: [string, boolean, number | null][] = [];
  const write = (frame: Buffer): void => {
    const { user, online, lastSeenAt } = JSON.parse(frame.toString()) as {
      user: UserRef;
      online: boolean;
      lastSeenAt: number | null;
    };
    frames.push([user.name, online, lastSeenAt]);
  };
  const watch = new PresenceWatch(9 as UserId, { presence, clock, write });
  watch.add(ANN);
  watch.add(BEN);
  return { clock, watch, take: () => frames.splice(0) };
}

const [ann, ben] = [ANN.id as UserId, BEN.id as UserId];

test('[PRES-1] the first change is told at once, those of the next second together as they ended', () => {
  const { clock, watch, take } = world();
  watch.presence(ann, true, null);
  watch.presence(ben, true, null);
  assert.deepEqual(take(), [
    ['ann', true, null],
    ['ben', true, null],
  ]);
  watch.presence(ann, false, 5);
  watch.presence(ann, true, null);
  watch.presence(ann, false, 6);
  assert.deepEqual(take(), []);
  clock.advance(1_000);
  assert.deepEqual(take(), [['ann', false, 6]]);
  clock.advance(2_000);
  watch.presence(ann, true, null);
  assert.deepEqual(take(), [['ann', true, null]]);
  clock.advance(2_000);
  assert.deepEqual([take(), clock.timers], [[], 0]);
});

test('[PRES-1] who must not be seen is gone at once, and nothing follows', () => {
  const { clock, watch, take } = world();
  watch.presence(ann, true, null);
  watch.presence(ann, true, null);
  watch.hidden(ann);
  watch.presence(ann, true, null);
  clock.advance(5_000);
  assert.deepEqual(take(), [
    ['ann', true, null],
    ['ann', false, null],
  ]);
});

test('[PRES-1] a session that ended is told nothing more', () => {
  const { clock, watch, take } = world();
  watch.presence(ann, true, null);
  watch.presence(ann, false, 1);
  take();
  watch.end();
  clock.advance(5_000);
  assert.deepEqual([take(), clock.timers], [[], 0]);
});
