import assert from 'node:assert/strict';
import test from 'node:test';
import { parseServerFrame } from '../src/server-frame.ts';
import { entryFields } from './scripted-server.ts';

const kindOf = (value: unknown): string => parseServerFrame(JSON.stringify(value)).kind;

test('replies and events are told apart; unknown ones and bent ones are ignored', () => {
  assert.equal(kindOf({ re: 1, ok: {} }), 'reply');
  assert.equal(kindOf({ re: null, err: { code: 'malformed', message: '' } }), 'reply');
  assert.equal(kindOf({ ev: 'entry', ...entryFields(1) }), 'event');
  assert.equal(kindOf({ ev: 'state', rev: 1, tag: 2, rows: [{ row: 'note', any: 1 }] }), 'event');
  const bent = [
    { re: 1 },
    { re: 'x', ok: {} },
    { re: 1, ok: 3 },
    { re: null, ok: {} },
    { re: 1, err: { code: 7 } },
    { ev: 'poll' },
    { ev: 'toString' },
    { ev: 'entry', ...entryFields(1, { seq: '1' }) },
    { ev: 'entry', ...entryFields(1, { from: null }) },
    { ev: 'gap', conversation: 'g7', from: 1, to: -1, tag: 0, reason: 'paged' },
    { ev: 'state', rev: 1, tag: 2, rows: [{ row: 'conversation', conversation: 'g7' }] },
    {},
  ];
  for (const frame of bent) assert.equal(kindOf(frame), 'other', JSON.stringify(frame));
});

test('what is no JSON object is alien', () => {
  for (const text of ['HTTP/1.1 400', '[]', 'null', '7', '{']) assert.equal(parseServerFrame(text).kind, 'alien', text);
});
