import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explore } from '../../src/simulation/explore.ts';
import { SCOPES } from '../../src/simulation/scopes.ts';

const PROMISES = '[SEND-1] [SEND-2] [ORDER-1] [ORDER-2] [DELIV-1] [DELIV-2]';
/** More than any has: docs/VERIFICATION.md tells how many. */
const MOST_STATES = 100_000;
/** The largest takes some seconds; other tests run beside it. */
const TEST_MS = 120_000;

for (const scope of SCOPES) {
  test(`${PROMISES} every course of a small scope keeps them: ${scope.name}`, { timeout: TEST_MS }, async (t) => {
    const { states, courses, ends, isWhole, broken } = await explore(scope, { mostStates: MOST_STATES });
    t.diagnostic(`${states} states, ${courses} courses, ${ends.size} ends`);
    assert.equal(broken, undefined);
    assert.ok(isWhole, 'not every course was seen');
    assert.ok(courses > 0, 'no course came to its end');
  });
}
