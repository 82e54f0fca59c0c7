import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClientIds, checkClientId, createClientId } from '../src/client-id.ts';

test('[WIRE-2] a client id has 1 to 64 printable ASCII characters', () => {
  for (const good of ['a', '!', '~', 'x'.repeat(64), createClientId()]) assert.ok(checkClientId(good).ok, good);
  for (const bad of ['', 'x'.repeat(65), 'a b', 'a\n', '\n', 'é', '\x7F', 'a\0', '😀']) {
    assert.deepEqual(checkClientId(bad), { ok: false, code: 'bad_client_id' });
  }
});

test('a new client id is a UUID of version 7 that leads with the time', () => {
  const ids = new ClientIds('aaaaaaaa-bbbb-4123-9456-789abcdef012');
  assert.equal(ids.next(0x0199_d1c3_8a3b), '0199d1c3-8a3b-7000-9456-789abcdef012');
  assert.equal(ids.next(0x0199_d1c3_8a3b), '0199d1c3-8a3b-7001-9456-789abcdef012');
  assert.equal(ids.next(0x0199_d1c3_8a3c), '0199d1c3-8a3c-7000-9456-789abcdef012');
  assert.equal(new ClientIds('aaaaaaaa-bbbb-4123-9456-789abcdef012').next(1), '00000000-0001-7000-9456-789abcdef012');
});

test('client ids of one maker rise, whatever the clock does and however many a millisecond has', () => {
  const ids = new ClientIds();
  const made = Array.from({ length: 10_000 }, (_, index) => ids.next(1_000 - Math.floor(index / 9_000)));
  assert.deepEqual(made, made.toSorted());
  assert.equal(new Set(made).size, made.length);
});

test('two makers make different ids at the same time', () => {
  assert.notEqual(new ClientIds().next(1), new ClientIds().next(1));
});

test('new client ids differ', () => {
  const ids = new Set(Array.from({ length: 1_000 }, () => createClientId()));
  assert.equal(ids.size, 1_000);
  for (const id of ids) assert.match(id, /^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
});
