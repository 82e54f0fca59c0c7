import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkClientId, createClientId } from '../src/client-id.ts';

test('[WIRE-2] a client id has 1 to 64 printable ASCII characters', () => {
  for (const good of ['a', '!', '~', 'x'.repeat(64), createClientId()]) assert.ok(checkClientId(good).ok, good);
  for (const bad of ['', 'x'.repeat(65), 'a b', 'a\n', '\n', 'é', '\x7F', 'a\0', '😀']) {
    assert.deepEqual(checkClientId(bad), { ok: false, code: 'bad_client_id' });
  }
});

test('a new client id is a UUID of version 7 that leads with the time', () => {
  const random = 'aaaaaaaa-bbbb-4123-9456-789abcdef012';
  const id = createClientId(0x0199_d1c3_8a3b, random);
  assert.equal(id, '0199d1c3-8a3b-7123-9456-789abcdef012');
  assert.ok(id < createClientId(0x0199_d1c3_8a3c, random.replaceAll(/[1-9a-f]/g, '0')));
  assert.equal(createClientId(1, random), '00000000-0001-7123-9456-789abcdef012');
});

test('new client ids differ', () => {
  const ids = new Set(Array.from({ length: 1_000 }, () => createClientId()));
  assert.equal(ids.size, 1_000);
  for (const id of ids) assert.match(id, /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
});
