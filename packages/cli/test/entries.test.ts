import assert from 'node:assert/strict';
import test from 'node:test';
import type { WireEntry } from '@parley/protocol';
import { ago, entryObject, entryText, gapText, mentionsIn } from '../src/entries.ts';

const ENTRY: WireEntry = {
  conversation: 'g7',
  seq: 1042,
  ord: 1040,
  tag: 5,
  kind: 'message',
  from: { id: 17, name: 'bob' },
  clientId: 'c',
  time: Date.UTC(2026, 10, 24, 12, 20, 11, 412),
  text: '@alice booking for how many?',
};
const ALICE = { id: 42, name: 'alice' };

test('[CLI-2] a message is the documented object, its text exact', () => {
  assert.deepEqual(entryObject(ENTRY, '#lunch', ALICE), {
    type: 'message',
    id: 'g7/1042',
    chat: '#lunch',
    chat_id: 'g7',
    seq: 1042,
    from: { id: 17, name: 'bob' },
    text: '@alice booking for how many?',
    mentions: ['alice'],
    reply_to: null,
    self: false,
    ts: '2026-11-24T12:20:11.412Z',
  });
});

test('[TERM-1] names and texts are shown, never acted on, and no line passes for another author’s', () => {
  const hostile = { ...ENTRY, from: { id: 17, name: '\x1b[2Jbob\nalice' }, text: 'one\n12:21 alice: two\x1b]0;x\x07' };
  const text = entryText(hostile, ALICE);
  assert.doesNotMatch(text, /[\p{Cc}--\n]/v);
  assert.deepEqual(text.split('\n').length, 2);
  assert.match(text.split('\n')[1] ?? '', /^ {6}12:21 alice/);
});

test('kinds are told in words; unknown ones by their name', () => {
  const line = (kind: string, more = {}): string => entryText({ ...ENTRY, kind, ...more }, ALICE).replace(/^\S+ /, '');
  assert.equal(line('join'), 'bob joined');
  assert.equal(line('kick', { target: ALICE }), 'bob put you out');
  assert.equal(line('role', { target: ALICE, role: 'admin' }), 'bob made you admin');
  assert.equal(line('leave', { target: ALICE }), 'bob left; the group belongs to you now');
  assert.equal(line('poll'), 'bob: (poll)');
});

test('mentions are names behind an @, each once', () => {
  assert.deepEqual(mentionsIn('@alice, @bob. and @alice; mail a@b.c, @ 山田 @山田!'), ['alice', 'bob', '山田']);
});

test('gaps say how many entries and why', () => {
  const gap = { ev: 'gap' as const, conversation: 'g7', from: 88, to: 91, tag: 1, reason: 'not_member' as const };
  assert.match(gapText(gap, '#ops'), /#ops: 4 entries are .* not a member/);
  assert.match(gapText({ ...gap, to: 88 }, '#ops'), /#ops: 1 entry is .* not a member/);
});

test('how long ago, in the largest unit', () => {
  assert.deepEqual(
    [0, 59_000, 60_000, 7_200_000, 259_200_000, -5].map((ms) => ago(0, ms)),
    ['just now', 'just now', '1m ago', '2h ago', '3d ago', 'just now'],
  );
});
