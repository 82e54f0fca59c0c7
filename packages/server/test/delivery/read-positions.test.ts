import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PositionMove } from '../../src/chat/ports/index.ts';
import { ReadPositions } from '../../src/delivery/read-positions.ts';
import { ALICE, BOB, DIRECT, GROUP, seqOf } from './builders.ts';

function read(to: number, different: Partial<PositionMove> = {}): PositionMove {
  return { user: ALICE, conversation: GROUP.id, which: 'read', to: seqOf(to), base: seqOf(0), ...different };
}

function ownRun(after: number, to: number): PositionMove {
  return read(to, { base: seqOf(after) });
}

/** What waits after these events: a number is a move, `own(n)` an own message. */
function waitingAfter(...events: readonly (number | { own: number })[]): PositionMove[] {
  const positions = new ReadPositions();
  for (const event of events) {
    if (typeof event === 'number') positions.move(read(event));
    else positions.wrote(ALICE, GROUP.id, seqOf(event.own));
  }
  return positions.takeAll();
}

const own = (seq: number) => ({ own: seq });

test('[POS-1] of several moves the furthest waits', () => {
  assert.deepEqual(waitingAfter(3, 7), [read(7)]);
  assert.deepEqual(waitingAfter(7, 3), [read(7)], 'never back');
});

test('[POS-1] an own message moves the read position only from right before it', () => {
  assert.deepEqual(waitingAfter(own(5)), [ownRun(4, 5)]);
});

test('[POS-1] a run of own messages is one move; what follows a hole is not read', () => {
  assert.deepEqual(waitingAfter(own(5), own(6), own(7)), [ownRun(4, 7)]);
  assert.deepEqual(waitingAfter(own(5), own(7)), [ownRun(4, 5)]);
  assert.deepEqual(waitingAfter(own(5), own(5)), [ownRun(4, 5)], 'told twice');
});

test('[POS-1] reading up to an own run reads the run as well', () => {
  assert.deepEqual(waitingAfter(own(5), own(6), 4), [read(6)]);
  assert.deepEqual(waitingAfter(4, own(5), own(6)), [read(6)]);
  assert.deepEqual(waitingAfter(own(5), 5), [read(5)]);
});

test('[POS-1] reading less than what stands before an own run does not read the run', () => {
  assert.deepEqual(waitingAfter(own(5), 2), [read(2)]);
  assert.deepEqual(waitingAfter(2, own(5)), [read(2)]);
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
  positions.move(read(6));
  const taken = positions.takeAll();
  positions.wrote(ALICE, GROUP.id, seqOf(7));
  positions.putBack(taken);
  assert.deepEqual(positions.takeAll(), [read(7)]);
});

test('[POS-1] what could not be stored is not lost to a smaller or unconnected move', () => {
  const positions = new ReadPositions();
  positions.move(read(6));
  const taken = positions.takeAll();
  positions.move(read(2));
  positions.putBack(taken);
  assert.deepEqual(positions.takeAll(), [read(6)]);

  positions.wrote(ALICE, GROUP.id, seqOf(9));
  positions.putBack(taken);
  assert.deepEqual(positions.takeAll(), [read(6)], 'what stands after a hole is not read');
});
