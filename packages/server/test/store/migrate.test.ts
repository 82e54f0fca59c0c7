import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Migration, pendingMigrations } from '../../src/store/migrate.ts';
import { NewerSchema } from '../../src/store/store-errors.ts';

const KNOWN = [1, 2, 3].map((version): Migration => ({ version, minReader: 1, minWriter: 2, sql: '' }));

test('what is missing is run, in order', () => {
  const versions = (version: number) =>
    pendingMigrations({ version, minReader: 1, minWriter: 1 }, KNOWN).map((migration) => migration.version);
  assert.deepEqual(
    pendingMigrations(undefined, KNOWN).map(({ version }) => version),
    [1, 2, 3],
  );
  assert.deepEqual(versions(1), [2, 3]);
  assert.deepEqual(versions(3), []);
});

test('[DATA-2] newer data is refused, with both numbers, unless it says that we may read and write it', () => {
  assert.deepEqual(pendingMigrations({ version: 4, minReader: 2, minWriter: 3 }, KNOWN), []);
  for (const [minReader, minWriter] of [
    [4, 3],
    [3, 4],
    [5, 5],
  ] as const) {
    assert.throws(
      () => pendingMigrations({ version: 5, minReader, minWriter }, KNOWN),
      (error) => error instanceof NewerSchema && error.found === 5 && error.known === 3,
    );
  }
});
