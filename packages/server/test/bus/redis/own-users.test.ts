import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UserId } from '@parley/protocol';
import { OwnUsers } from '../../../src/bus/redis/own-users.ts';

const [ANN, BEN, EVE] = [1 as UserId, 2 as UserId, 3 as UserId];

test('[PRES-1] what came and went again was nothing; what is left is one change', () => {
  const own = new OwnUsers();
  own.set(ANN, true);
  own.set(BEN, true);
  own.set(BEN, false);
  assert.deepEqual(own.takeChanges(), [{ number: 1, came: [ANN], left: [] }]);
  own.set(ANN, false);
  own.set(EVE, true);
  assert.deepEqual(own.takeChanges(), [{ number: 2, came: [EVE], left: [ANN] }]);
  assert.deepEqual(own.takeChanges(), []);
});

test('[PRES-1] telling everything leaves a number out, so that others load it', () => {
  const own = new OwnUsers();
  own.set(ANN, true);
  own.takeChanges();
  own.set(BEN, true);
  assert.deepEqual([own.takeAll(), own.number], [[[ANN, BEN]], 3]);
  assert.deepEqual(own.takeChanges(), []);
  own.set(BEN, false);
  assert.deepEqual(own.takeChanges(), [{ number: 4, came: [], left: [BEN] }]);
});

test('[PRES-1] many users are told in pages', () => {
  const own = new OwnUsers();
  for (let user = 1; user <= 2_500; user += 1) own.set(user as UserId, true);
  assert.deepEqual(
    own.takeChanges().map(({ number, came }) => [number, came.length]),
    [
      [1, 1_000],
      [2, 1_000],
      [3, 500],
    ],
  );
});
