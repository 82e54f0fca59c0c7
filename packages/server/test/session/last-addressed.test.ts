import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UserId } from '@parley/protocol';
import type { Conversation } from '../../src/chat/ports/index.ts';
import { LastAddressed } from '../../src/session/last-addressed.ts';

const ALICE = 1 as UserId;
const BOB = 2 as UserId;

/** A directory that knows everything but `nobody`, and counts how often it is asked. */
function directory() {
  let asked = 0;
  const known = (me: UserId, to: string): Conversation | undefined => {
    asked += 1;
    return to === 'nobody' ? undefined : ({ address: `${me} to ${to}` } as Conversation);
  };
  return { known, asked: () => asked };
}

test('the same address of the same user is looked up once', () => {
  const last = new LastAddressed();
  const { known, asked } = directory();
  for (let count = 0; count < 3; count += 1) assert.equal(last.known({ known }, ALICE, 'u7')?.address, '1 to u7');
  assert.equal(asked(), 1);
});

test('another address, or another user on the same connection, is another conversation', () => {
  const last = new LastAddressed();
  const { known } = directory();
  const addresses = [
    last.known({ known }, ALICE, 'u7'),
    last.known({ known }, ALICE, 'u8'),
    last.known({ known }, BOB, 'u8'),
  ].map((conversation) => conversation?.address);
  assert.deepEqual(addresses, ['1 to u7', '1 to u8', '2 to u8']);
});

test('what is not known is asked for again, and what was known stays', () => {
  const last = new LastAddressed();
  const { known, asked } = directory();
  last.known({ known }, ALICE, 'u7');
  assert.equal(last.known({ known }, ALICE, 'nobody'), undefined);
  assert.equal(last.known({ known }, ALICE, 'nobody'), undefined);
  assert.equal(last.known({ known }, ALICE, 'u7')?.address, '1 to u7');
  assert.equal(asked(), 3);
});
