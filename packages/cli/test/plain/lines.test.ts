import assert from 'node:assert/strict';
import test from 'node:test';
import { ClientError } from '@parley/client';
import { usageFailure } from '../../src/failure.ts';
import { helpLines, reasonText } from '../../src/plain/lines.ts';
import { displayWidth } from '../../src/text/width.ts';

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

test('/help is as wide as the terminal, and breaks no word', () => {
  const words = (lines: readonly string[]): string[] => lines.join(' ').split(/\s+/);
  for (const columns of [40, 59, 80, 120]) {
    const lines = helpLines(columns);
    for (const line of lines) assert.ok(displayWidth(line) <= columns, line);
    assert.deepEqual(words(lines), words(helpLines()));
  }
});
