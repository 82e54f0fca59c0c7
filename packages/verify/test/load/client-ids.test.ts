import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientIdMaker } from '../../src/load/client-ids.ts';

test('client ids look like UUIDv7, rise, and are never the same', () => {
  const next = clientIdMaker();
  const ids = Array.from({ length: 20_000 }, next);
  assert.match(ids[0] ?? '', /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual(ids.toSorted(), ids);
  assert.equal(new Set(ids).size, ids.length);
  assert.notEqual(clientIdMaker()().slice(-12), clientIdMaker()().slice(-12));
});
