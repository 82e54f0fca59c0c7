import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explore } from '../../src/simulation/explore.ts';
import { SCOPES } from '../../src/simulation/scopes.ts';

const PROMISES = '[SEND-1] [SEND-2] [ORDER-1] [ORDER-2] [DELIV-1] [DELIV-2]';
/** More than any has: docs/VERIFICATION.md tells how many. */
const MOST_STATES = 200_000;
/** The largest takes a minute where other tests run beside it. */
const TEST_MS = 240_000;

for (const scope of SCOPES) {
  test(`${PROMISES} every course of a small scope keeps them: ${scope.name}`, { timeout: TEST_MS }, async (t) => {
    const { states, ends, isWhole, broken } = await explore(scope, { mostStates: scope.testStates ?? MOST_STATES });
    t.diagnostic(`${states} states, ${ends} ends`);
    assert.equal(broken, undefined);
    assert.ok(isWhole || scope.testStates !== undefined, 'not every state was seen');
  });
}
