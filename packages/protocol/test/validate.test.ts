import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Op } from '../src/upstream.ts';
import { explainRequest } from '../src/validate.ts';

const CURSOR = { conversation: 'g1', seq: 1, tag: 1 };

const CASES: readonly (readonly [op: Op, fields: object, hint: string])[] = [
  ['whois', {}, 'request must have required properties user'],
  ['whois', { user: 1.5 }, 'user must be string or integer'],
  ['role', { group: 'g1', user: 1, role: 'x', clientId: 'c' }, 'role must be admin or member'],
  ['role', { group: 'g1', user: 1, role: 5, clientId: 'c' }, 'role must be admin or member'],
  ['history', { conversation: 'g1', limit: 0 }, 'limit must be >= 1'],
  ['sync', { default: 5 }, 'default must be object'],
  ['sync', { default: { mode: 'x' } }, 'default.mode must be full or lazy'],
  ['sync', { default: { mode: 'lazy' } }, 'default must have required properties last'],
  ['sync', { default: { mode: 'lazy', last: 501 } }, 'default.last must be <= 500'],
  ['sync', { cursors: [CURSOR, { ...CURSOR, want: { mode: 'lazy', last: -1 } }] }, 'cursors.1.want.last must be >= 0'],
  ['sync', { cursors: [{ ...CURSOR, acked: [[1]] }] }, 'cursors.0.acked.0 must not have fewer than 2 items'],
];

for (const [op, fields, hint] of CASES) {
  test(`[WIRE-2] the hint for ${JSON.stringify(fields)} names the field and what it wants`, () => {
    assert.equal(explainRequest(op, { id: 1, op, ...fields }), hint);
  });
}
