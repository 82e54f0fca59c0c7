import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '@parley/testkit';
import { fingerprint, requestHash } from '../../src/chat/request-hash.ts';

const MESSAGE = { kind: 'message', text: 'hello', target: null, role: null } as const;

test('[SEND-3] what differs in kind, text, target or role differs in its hash', () => {
  const contents = [
    MESSAGE,
    { ...MESSAGE, text: 'hello ' },
    { ...MESSAGE, text: 'Hello' },
    { ...MESSAGE, text: '' },
    { ...MESSAGE, kind: 'cancel' },
    { ...MESSAGE, kind: 'kick', text: null, target: 1 },
    { ...MESSAGE, kind: 'kick', text: null, target: 11 },
    { ...MESSAGE, kind: 'role', text: null, target: 1, role: 'admin' },
    { ...MESSAGE, kind: 'role', text: null, target: 1, role: 'member' },
  ] as const;
  const hashes = contents.map((content) => requestHash(content as never));
  assert.equal(new Set(hashes).size, contents.length);
});

test('[SEND-2] the same content has the same hash, in every release', () => {
  // Stored beside client ids for ever: another function would turn repeats into conflicts.
  assert.equal(requestHash(MESSAGE), requestHash({ ...MESSAGE }));
  assert.deepEqual(
    [requestHash(MESSAGE), fingerprint(''), fingerprint('ä😀')],
    [7_709_183_559_779_516, 3_338_908_027_751_811, 1_634_545_568_700_113],
  );
});

test('a hash is a whole number that a database keeps exactly', () => {
  const random = new SeededRandom(1);
  for (let round = 0; round < 1_000; round += 1) {
    const hash = fingerprint(random.token());
    assert.ok(Number.isSafeInteger(hash) && hash >= 0);
  }
});

test('[SEND-3] similar texts do not collide', () => {
  const texts = Array.from({ length: 50_000 }, (_, index) => `message ${index}`);
  assert.equal(new Set(texts.map(fingerprint)).size, texts.length);
});
