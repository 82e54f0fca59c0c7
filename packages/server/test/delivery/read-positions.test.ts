import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ord } from '@parley/protocol';
import type { PositionMove } from '../../src/chat/ports/index.ts';
import { ReadPositions } from '../../src/delivery/read-positions.ts';
import { ALICE, BOB, DIRECT, GROUP, seqOf } from './builders.ts';

function read(to: number, different: Partial<PositionMove> = {}): PositionMove {
  return { user: ALICE, conversation: GROUP.id, which: 'read', to: seqOf(to), base: 0 as Ord, ...different };
}

/** Messages of one's own up to `to`, when so many messages stand before them. */
function ownRun(before: number, to: number, ord = to): PositionMove {
  return Object.assign(read(to, { base: before as Ord }), { ord: ord as Ord });
}

interface Own {
  readonly seq: number;
  readonly ord: number;
}

/** What waits after these events: a number is a move, `own(n)` an own message. */
function waitingAfter(...events: readonly (number | Own)[]): PositionMove[] {
  const positions = new ReadPositions();
  for (const event of events) {
    if (typeof event === 'number') positions.move(read(event));
    else wrote(positions, event);
  }
  return positions.takeAll();
}

const own = (seq: number, ord = seq): Own => ({ seq, ord });

function wrote(positions: ReadPositions, { seq, ord }: Own): void {
  positions.wrote(ALICE, GROUP.id, { seq: seqOf(seq), ord: ord as Ord });
}

test('[POS-1] of several moves the furthest waits', () => {
  assert.deepEqual(waitingAfter(3, 7), [read(7)]);
  assert.deepEqual(waitingAfter(7, 3), [read(7)], 'never back');
});

test('[POS-1] an own message moves the read position only when all messages before it are read', () => {
  assert.deepEqual(waitingAfter(own(5)), [ownRun(4, 5)]);
});

test('[POS-1] entries that are no messages do not stand before an own message, nor between two', () => {
  assert.deepEqual(waitingAfter(own(2, 1)), [ownRun(0, 2, 1)], 'the first one of a group');
  assert.deepEqual(waitingAfter(own(2, 1), own(4, 2)), [ownRun(0, 4, 2)], 'somebody joined');
});

test('[POS-1] a run of own messages is one move; another one’s message between them begins another run', () => {
  assert.deepEqual(waitingAfter(own(5), own(6), own(7)), [ownRun(4, 7)]);
  assert.deepEqual(waitingAfter(own(5), own(7)), [ownRun(4, 5), ownRun(6, 7)]);
});

test('[POS-1] what was said to be read comes first: own messages may count from there', () => {
  assert.deepEqual(waitingAfter(own(5), own(6), 4), [read(4), ownRun(4, 6)]);
  assert.deepEqual(waitingAfter(own(5), 6, own(7)), [read(6), ownRun(4, 5), ownRun(6, 7)]);
});

test('[POS-1] runs that wait are bounded', () => {
  assert.equal(waitingAfter(own(1), own(3), own(5), own(7), own(9), own(11)).length, 4);
});

test('[POS-1] kinds, accounts and conversations are apart', () => {
  const positions = new ReadPositions();
  const moves = [
    read(1),
    read(2, { which: 'delivered' }),
    read(3, { which: 'classic' }),
    read(4, { user: BOB }),
    read(5, { conversation: DIRECT.id }),
  ];
  for (const move of moves) positions.move(move);
  assert.deepEqual(new Set(positions.takeAll()), new Set(moves));
  assert.deepEqual(positions.takeAll(), []);
});

test('[POS-1] what could not be stored waits again, joined with what came meanwhile', () => {
  const positions = new ReadPositions();
  positions.move(read(4));
  for (const message of [own(5), own(7)]) wrote(positions, message);
  const taken = positions.takeAll();
  wrote(positions, own(8));
  positions.move(read(2));
  positions.putBack(taken);
  assert.deepEqual(positions.takeAll(), [read(4), ownRun(4, 5), ownRun(6, 8)]);
});
