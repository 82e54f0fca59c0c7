import assert from 'node:assert/strict';
import test from 'node:test';
import type { ConversationRow, StateEvent } from '@parley/protocol';
import { NO_CHATS, sortChats, unreadIn, withEntry, withRead, withState } from '../../src/state/chats.ts';

const row = (more: Partial<ConversationRow> = {}): ConversationRow => ({
  row: 'conversation',
  conversation: 'g7',
  name: 'lunch',
  role: 'member',
  seq: 10,
  ord: 8,
  readSeq: 5,
  readOrd: 4,
  deliveredSeq: 10,
  ...more,
});
const state = (rows: StateEvent['rows'], more: Partial<StateEvent> = {}): StateEvent => ({
  ev: 'state',
  rows,
  rev: 1,
  tag: 1,
  ...more,
});
const entry = {
  conversation: 'g7',
  seq: 11,
  ord: 9,
  tag: 1,
  kind: 'message',
  from: { id: 1, name: 'a' },
  clientId: 'c',
  time: 0,
};

test('unread is counted in messages, and moves with entries and reading', () => {
  let known = withState(NO_CHATS, state([row()]));
  const unread = (): number => unreadIn(known.chats.get('g7') ?? { ord: 0, readOrd: 0 });
  assert.equal(unread(), 4);
  known = withEntry(known, entry);
  assert.equal(unread(), 5);
  known = withRead(known, 'g7', { seq: 11, ord: 9 });
  assert.equal(unread(), 0);
});

test('nothing moves back: neither by an old row nor by an old entry or reading', () => {
  let known = withRead(withEntry(withState(NO_CHATS, state([row()])), entry), 'g7', entry);
  known = withState(withRead(withEntry(known, { ...entry, seq: 3, ord: 2 }), 'g7', { seq: 2, ord: 1 }), state([row()]));
  const chat = known.chats.get('g7');
  assert.deepEqual([chat?.seq, chat?.ord, chat?.readSeq, chat?.readOrd], [11, 9, 11, 9]);
});

test('a full state forgets what was known; tombstones and unknown rows are fine', () => {
  const contact = { row: 'contact' as const, user: { id: 1, name: 'a' }, added: true, addedMe: false, blocked: false };
  let known = withState(NO_CHATS, state([row(), contact, { row: 'note' } as never]));
  assert.deepEqual([known.chats.size, known.contacts.size], [1, 1]);
  known = withState(known, state([{ ...contact, removed: true }, row({ left: true })]));
  assert.deepEqual([known.chats.get('g7')?.left, known.contacts.size], [true, 0]);
  assert.equal(withState(known, state([], { full: true })).chats.size, 0);
});

test('unread chats come first, people before groups', () => {
  const rows = [
    row({ conversation: 'g1', name: 'quiet', ord: 4 }),
    row({ conversation: 'g2', name: 'busy' }),
    row({ conversation: 'd1-2', name: 'bob' }),
  ];
  const chats = sortChats([...withState(NO_CHATS, state(rows)).chats.values()]);
  assert.deepEqual(
    chats.map(({ label }) => label),
    ['@bob', '#busy', '#quiet'],
  );
});
