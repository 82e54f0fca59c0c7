import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCOPES } from '../../src/simulation/scopes.ts';
import { simulate } from './run-main.ts';

const PROMISES = '[SEND-1] [SEND-2] [ORDER-1] [ORDER-2] [DELIV-1] [DELIV-2]';

/** All in one process: see run-main.ts. */
const said = simulate(['--scopes']);

for (const { name } of SCOPES) {
  test(`${PROMISES} every course of a small scope keeps them: ${name}`, async (t) => {
    const lines = (await said).split('\n');
    const at = lines.findIndex((line) => line.startsWith(`${name}: `));
    const line = lines[at] ?? '';
    t.diagnostic(line);
    assert.match(
      line,
      /: [1-9]\d* states, [1-9]\d* courses, [1-9]\d* ends$/,
      `not every course was seen: ${await said}`,
    );
    // What breaks a rule is told below, indented.
    assert.match(lines[at + 1] ?? '', /^\S/, await said);
  });
}

test(`${PROMISES} no scope breaks a rule`, async () => {
  assert.match(await said, /\n0 scopes break a rule; /);
});
