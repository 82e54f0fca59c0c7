import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Ord, UserId } from '@parley/protocol';
import { FakeClock } from '@parley/testkit';
import { type PositionMove, StoreUnavailable } from '../../src/chat/ports/index.ts';
import { PositionWriter } from '../../src/delivery/position-writer.ts';
import { ALICE, BOB, GROUP, seqOf } from './builders.ts';

/** A writer over a store whose transactions wait for the test, and move whatever they are asked to. */
function startWriter() {
  const clock = new FakeClock();
  const told: UserId[] = [];
  const asked: { moves: readonly PositionMove[]; answer: PromiseWithResolvers<UserId[]> }[] = [];
  const movePositions = (moves: readonly PositionMove[]) => {
    const answer = Promise.withResolvers<UserId[]>();
    asked.push({ moves, answer });
    return answer.promise;
  };
  const onMoved = (users: readonly UserId[]) => void told.push(...users);
  const writer = new PositionWriter({ store: { movePositions }, clock, onMoved });
  const read = (user: UserId, to: number) =>
    writer.move({ user, conversation: GROUP.id, which: 'read', to: seqOf(to) });
  const store = async (index: number) => {
    const { moves, answer } = asked[index] as (typeof asked)[number];
    answer.resolve(moves.map(({ user }) => user));
    await setImmediate();
  };
  const refuse = async (index: number) => {
    asked[index]?.answer.reject(new StoreUnavailable('down'));
    await setImmediate();
  };
  return { clock, told, asked, writer, read, store, refuse };
}

test('[POS-1] a move resolves when it is stored, and its account is told then', async () => {
  const { told, read, store } = startWriter();
  let isStored = false;
  const moved = read(ALICE, 5).then(() => (isStored = true));
  await setImmediate();
  assert.deepEqual([isStored, told], [false, []]);
  await store(0);
  await moved;
  assert.deepEqual(told, [ALICE]);
});

test('[POS-1] what comes while a transaction is under way goes with the next one, together', async () => {
  const { asked, read, store } = startWriter();
  const first = read(ALICE, 5);
  const later = [read(ALICE, 6), read(BOB, 3), read(ALICE, 7)];
  await setImmediate();
  assert.equal(asked.length, 1);
  await store(0);
  await first;
  assert.deepEqual(
    asked[1]?.moves.map(({ user, to }) => [user, to]),
    [
      [ALICE, 7],
      [BOB, 3],
    ],
  );
  await store(1);
  await Promise.all(later);
  assert.equal(asked.length, 2);
});

test('[POS-1] [STATE-1] each of very many accounts is told, whatever transaction its move was in', async () => {
  const { asked, told, read, store } = startWriter();
  const users = Array.from({ length: 1_201 }, (_, index) => (index + 1) as UserId);
  const first = read(users[0] as UserId, 1);
  const rest = users.slice(1).map((user) => read(user, 1));
  for (let index = 0; index < 4; index += 1) await store(index);
  await Promise.all([first, ...rest]);
  assert.deepEqual(
    asked.map(({ moves }) => moves.length),
    [1, 500, 500, 200],
  );
  assert.deepEqual(told, users);
});

test('[POS-1] an own message is written behind, and its account not told: its devices find out by themselves', async () => {
  const { asked, clock, told, writer, store } = startWriter();
  writer.wrote(ALICE, GROUP.id, placed(5));
  writer.wrote(ALICE, GROUP.id, placed(6));
  await setImmediate();
  assert.equal(asked.length, 0);
  clock.advance(1_000);
  assert.deepEqual(asked[0]?.moves, [
    { user: ALICE, conversation: GROUP.id, which: 'read', to: seqOf(6), base: 4, ord: 6 },
  ]);
  await store(0);
  assert.deepEqual(told, []);
});

test('[POS-1] an account that was told of a move is not told of the own messages after it', async () => {
  const { clock, told, read, writer, store } = startWriter();
  const moved = read(ALICE, 5);
  await store(0);
  await moved;
  writer.wrote(ALICE, GROUP.id, placed(6));
  clock.advance(1_000);
  await store(1);
  assert.deepEqual(told, [ALICE]);
});

test('[POS-1] a classic position moves without telling anybody', async () => {
  const { told, writer, store } = startWriter();
  const moved = writer.move({ user: ALICE, conversation: GROUP.id, which: 'classic', to: seqOf(5) });
  await store(0);
  await moved;
  assert.deepEqual(told, []);
});

test('[POS-1] a move that could not be stored is refused, and tried again behind', async () => {
  const { asked, clock, told, read, store, refuse } = startWriter();
  const moved = read(ALICE, 5);
  const refused = assert.rejects(moved, StoreUnavailable);
  await refuse(0);
  await refused;
  clock.advance(250);
  await refuse(1);
  clock.advance(250);
  await setImmediate();
  assert.deepEqual(asked[2]?.moves, asked[0]?.moves);
  await store(2);
  assert.deepEqual(told, [ALICE], 'and the other devices hear of it in the end');
  clock.advance(10_000);
  assert.equal(asked.length, 3);
});

test('flush resolves when all that waited is stored', async () => {
  const { asked, writer, store } = startWriter();
  await writer.flush();
  assert.equal(asked.length, 0);
  writer.wrote(ALICE, GROUP.id, placed(5));
  let isFlushed = false;
  const flushed = writer.flush().then(() => (isFlushed = true));
  await setImmediate();
  assert.equal(isFlushed, false);
  await store(0);
  await flushed;
});

function placed(seq: number) {
  return { seq: seqOf(seq), ord: seq as Ord };
}
