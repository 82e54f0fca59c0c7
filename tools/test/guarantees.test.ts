import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkGuarantees } from '../guarantees.ts';

const TEST_FILE = 'packages/server/test/chat/sending.test.ts';
const RULES = '**SEND-1** A reply means stored.\n\n**SEND-2** A repeat is harmless.\n';

function check(test: string, rules = RULES): string[] {
  return checkGuarantees(
    new Map([
      ['docs/guarantees.md', rules],
      [TEST_FILE, test],
    ]),
  );
}

test('all is well when each rule is quoted, several by one title too', () => {
  assert.deepEqual(check("test('[SEND-1] [SEND-2] stored once', () => {});"), []);
});

test('a rule that no title quotes is found', () => {
  assert.deepEqual(check("test('[SEND-1] stored', () => {}); // [SEND-2] in a comment does not count"), [
    "docs/guarantees.md: no test's title quotes [SEND-2]",
  ]);
});

test('a title that quotes no rule is found', () => {
  assert.deepEqual(check('test(`[SEND-1][SEND-2] …`); test("[SEND-3] …")'), [
    `${TEST_FILE}: there is no rule SEND-3 in docs/guarantees.md`,
  ]);
});

test('the document must be there', () => {
  assert.deepEqual(checkGuarantees(new Map()), ['docs/guarantees.md is missing']);
});
