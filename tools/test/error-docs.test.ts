import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkErrorDocs } from '../error-docs.ts';

const TABLES = { 'Error codes': ['not_member', 'bad_name'], 'Close reasons': ['shutdown'] };

function check(...lines: string[]): string[] {
  return checkErrorDocs(new Map([['docs/errors.md', lines.join('\n')]]), TABLES);
}

test('all is well when the tables list what the code has', () => {
  const codes = ['# Errors', '## Error codes', '| `not_member` | … |', '| `bad_name` | … |'];
  assert.deepEqual(check(...codes, '## Close reasons', '| `shutdown` | … |', '## Exit codes', '| `78` | … |'), []);
});

test('what one side lacks is found', () => {
  assert.deepEqual(check('## Error codes', '| `not_member` |', '| `gone` |', '## Close reasons', '`shutdown`'), [
    'docs/errors.md: "Error codes" lacks a row for bad_name',
    'docs/errors.md: "Error codes" explains gone, which is not in the code',
    'docs/errors.md: "Close reasons" lacks a row for shutdown',
  ]);
});

test('a heading that is missing is named', () => {
  assert.deepEqual(check('## Error codes', '| `not_member` |', '| `bad_name` |'), [
    'docs/errors.md: there is no heading "## Close reasons"',
  ]);
});
