import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { ClientError } from '@parley/client';
import { ERROR_CODES } from '@parley/protocol';
import { EXIT, exitOf } from '../src/exit-codes.ts';

const refused = (code: string): number => exitOf(new ClientError({ kind: 'refused', code, message: '' }));

test('[CLI-1] every code of the server, and what is newer than we are, has an exit code', () => {
  for (const code of Object.keys(ERROR_CODES)) assert.ok(Object.values<number>(EXIT).includes(refused(code)), code);
  assert.equal(refused('a_code_of_the_future'), EXIT.failed);
  assert.equal(refused('toString'), EXIT.failed);
});

test('[CLI-1] docs/errors.md says which exit code each refusal has', () => {
  const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)` \|.*\| (\d+) \|$/gm)];
  assert.equal(rows.length, Object.keys(ERROR_CODES).length);
  for (const [, code = '', exit] of rows) assert.equal(refused(code), Number(exit), code);
});

test('[CLI-1] codes mean what the table says', () => {
  const cases: readonly (readonly [string, number])[] = [
    ['bad_token', 4],
    ['no_such_user', 5],
    ['not_member', 6],
    ['blocked', 6],
    ['rate_limited', 7],
    ['text_too_long', 2],
    ['name_taken', 1],
    ['bad_request', 70],
  ];
  for (const [code, exit] of cases) assert.equal(refused(code), exit, code);
  assert.equal(exitOf(new ClientError({ kind: 'unreachable', message: '' })), 69);
  assert.equal(exitOf(new ClientError({ kind: 'unknown_outcome', message: '' })), 69);
  assert.equal(exitOf(new ClientError({ kind: 'lost', message: '' })), 69);
  assert.equal(exitOf(new ClientError({ kind: 'timeout', message: '' })), 124);
});
