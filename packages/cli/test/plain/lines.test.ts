import assert from 'node:assert/strict';
import test from 'node:test';
import { ClientError } from '@parley/client';
import { usageFailure } from '../../src/failure.ts';
import { reasonText } from '../../src/plain/lines.ts';

test('why something was not done, and what to do, are sentences, whoever wrote them', () => {
  const refused = { kind: 'refused', code: 'bad_password', message: 'The password is too short.' } as const;
  assert.equal(
    reasonText(new ClientError({ ...refused, hint: 'it needs at least 8 bytes' })),
    'The password is too short. It needs at least 8 bytes.',
  );
  assert.equal(
    reasonText(usageFailure('No chat is open.', '/help lists commands.')),
    'No chat is open. /help lists commands.',
  );
  assert.equal(reasonText(usageFailure('Not sent.')), 'Not sent.');
});
