import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '@parley/testkit';
import { RecentIds } from '../../src/store/recent-ids.ts';

interface Noted {
  readonly clientId: string;
  readonly value: number;
}

/** A table of ids, and what is asked of it. */
function track(size: number) {
  const table = new Set<string>();
  const ids = new RecentIds<Noted>(size, (first) =>
    [...table]
      .filter((id) => id.startsWith(first))
      .toSorted()
      .at(-1),
  );
  return { table, ids };
}

test('what was stored last is known', () => {
  const { ids } = track(2);
  for (const id of ['a', 'b', 'c', 'd', 'e']) ids.add({ clientId: id, value: id.charCodeAt(0) });
  assert.equal(ids.get('e')?.value, 101);
  assert.equal(ids.get('d')?.value, 100);
});

test('an id is new when it is greater than all that memory has let go and all that the table held before', () => {
  const { table, ids } = track(2);
  table.add('a5').add('z9');
  assert.equal(ids.isNew('a5'), false);
  assert.equal(ids.isNew('a3'), false);
  assert.equal(ids.isNew('a6'), true);
  for (const id of ['a6', 'a7', 'a8', 'a9']) ids.add({ clientId: id, value: 0 });
  assert.equal(ids.isNew('a6x'), true);
  ids.add({ clientId: 'aa', value: 0 });
  // Now a6 and a7 have gone.
  assert.equal(ids.isNew('a6x'), false);
  assert.equal(ids.isNew('a7x'), true);
});

test('ids come in any order: one below the greatest is known as well', () => {
  const { ids } = track(4);
  ids.add({ clientId: 'b5', value: 5 });
  ids.add({ clientId: 'b3', value: 3 });
  ids.add({ clientId: 'a9', value: 9 });
  assert.deepEqual(
    ['b5', 'b3', 'a9', 'b4', 'b6'].map((id) => ids.get(id)?.value),
    [5, 3, 9, undefined, undefined],
  );
});

test('[SEND-2] ids of one hash: the one that is displaced is not taken for new', () => {
  const [one, other] = ['a5i8u0e161530', 'aqupf8f324510'];
  const { ids } = track(10);
  ids.add({ clientId: one, value: 1 });
  ids.add({ clientId: other, value: 2 });
  assert.deepEqual([ids.get(other)?.value, ids.get(one), ids.isNew(one)], [2, undefined, false]);
});

test('ids that begin with z slow down nobody else', () => {
  const { ids } = track(1);
  for (const id of ['z1', 'z2', 'z3', 'z4']) ids.add({ clientId: id, value: 0 });
  assert.equal(ids.isNew('z1'), false);
  assert.equal(ids.isNew('01'), true);
});

for (const seed of [1, 2, 3]) {
  test(`[SEND-2] no stored id is ever taken for new, seed ${seed}`, () => {
    const random = new SeededRandom(seed);
    const { table, ids } = track(8);
    for (let step = 0; step < 3_000; step += 1) {
      const id = `${random.pick(['0', '1', 'z'])}${Math.floor(step / 10) + random.below(20)}`.padEnd(
        random.below(6),
        '0',
      );
      if (table.has(id)) {
        assert.ok(ids.get(id) !== undefined || !ids.isNew(id), id);
      } else {
        ids.isNew(id);
        table.add(id);
        ids.add({ clientId: id, value: step });
      }
      if (random.chance(0.002)) ids.clear();
    }
  });
}
