import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HistoryRecord, RowRecord } from '../../src/history/record.ts';
import { type Breaches, isCall, isEntry, isRow, judge, lastOf, replace, stranger, testBreaches } from './breach.ts';
import { correctHistory } from './correct-history.ts';

/** What one could overlook: answers that were lost, what was cancelled, what gaps and positions say. */
const BREACHES: Breaches = {
  'a message that was told to be cancelled has no tombstone': {
    rule: 'acknowledged',
    breach: (records) => {
      const call = lastOf(records, isCall('cancel'));
      const tombstone = lastOf(records, (record): record is RowRecord => record.k === 'row' && record.i === call.i);
      replace(records, tombstone);
      return { clientId: call.i ?? '', user: call.u };
    },
  },
  'a node shows a history in another order': {
    rule: 'nodes',
    breach: (records) => {
      const page = lastOf(records, (record): record is Extract<HistoryRecord, { k: 'page' }> => record.k === 'page');
      const [first, second, ...rest] = page.e;
      assert.ok(first && second);
      replace(records, page, { ...page, e: [second, first, ...rest] });
      return { seq: first[0], user: page.u };
    },
  },
  'a device that was to stay never had a session': {
    rule: 'delivered',
    breach: (records) => {
      records.push({ k: 'final', u: 1, d: 4_000 });
      return { user: 1, seq: 1 };
    },
  },
  'a gap for no reason that there is': {
    rule: 'once',
    breach: (records) => {
      const { t, s, c, q, g } = lastOf(records, isEntry);
      records.push({ k: 'gap', t, s, c, from: q, to: q, g, why: 'mood' });
      return { seq: q, session: s };
    },
  },
  'a gap ends at an entry that is not there': {
    rule: 'same',
    breach: (records) => {
      const { t, s, c, g } = lastOf(records, isEntry);
      records.push({ k: 'gap', t, s, c, from: 900, to: 901, g, why: 'not_member' });
      return { seq: 901, session: s };
    },
  },
  'a gap ends under another tag': {
    rule: 'same',
    breach: (records) => {
      const { t, s, c, q, g } = lastOf(records, isEntry);
      records.push({ k: 'gap', t, s, c, from: q, to: q, g: g + 1, why: 'not_member' });
      return { seq: q, session: s };
    },
  },
  'a tombstone that was acknowledged stands behind what was sent later': {
    rule: 'realTime',
    breach: (records) => {
      const row = lastOf(records, (record): record is RowRecord => isRow(record) && record.c === 'd1-2');
      const now = 10_000_000;
      const call = { k: 'call', s: 1, u: 1, c: 'd1-2' } as const;
      records.push(
        { ...call, op: 'cancel', i: 'never', t: now, d: now + 1, r: { st: 'cancelled' } },
        { ...call, op: 'send', i: 'later', x: 1, t: now + 2, d: now + 3, r: { q: row.q + 1 } },
        { ...row, q: row.q + 1, a: 1, i: 'later', x: 1 },
        { ...row, q: row.q + 2, a: 1, i: 'never', kind: 'cancel' },
      );
      return { seq: row.q + 1, clientId: 'later' };
    },
  },
  'a message whose first answer was lost stands before the one that it was sent after': {
    rule: 'chain',
    breach: (records) => {
      const repeat = lastOf(
        records,
        isCall('send', ({ r, a }) => r?.dup === 1 && a !== undefined),
      );
      const row = lastOf(records, (record): record is RowRecord => isRow(record) && record.i === repeat.a);
      replace(records, row, { ...row, q: (repeat.r?.q ?? 0) + 50 });
      return { clientId: repeat.i ?? '', seq: repeat.r?.q ?? 0 };
    },
  },
  'a message that a send was told to be cancelled': {
    rule: 'phantom',
    breach: (records) => {
      const row = lastOf(records, isRow);
      const send = lastOf(
        records,
        isCall('send', ({ i }) => i === row.i),
      );
      const { r: _, ...call } = send;
      records.push({ ...call, e: 'cancelled' });
      return { seq: row.q, clientId: row.i };
    },
  },
  'a tombstone though each cancel was refused': {
    rule: 'phantom',
    breach: (records) => {
      const cancel = lastOf(records, isCall('cancel'));
      const { r: _, ...call } = cancel;
      replace(records, cancel, { ...call, e: 'store_unavailable' });
      return { clientId: cancel.i ?? '' };
    },
  },
  'another is kicked than was asked for': {
    rule: 'phantom',
    breach: (records) => {
      const row = lastOf(records, (record): record is RowRecord => record.k === 'row' && record.kind === 'kick');
      replace(records, row, { ...row, w: 4_000 });
      return { seq: row.q, clientId: row.i };
    },
  },
  'an entry on a connection that was not logged in': {
    rule: 'audience',
    breach: (records) => {
      const entry = lastOf(records, isEntry);
      records.push({ ...entry, s: 0 });
      return { seq: entry.q, session: 0 };
    },
  },
  'a stranger is told of a conversation by a gap': {
    rule: 'audience',
    breach: (records) => {
      const { row, session, user } = stranger(records);
      records.push({ k: 'gap', t: 1, s: session, c: row.c, from: row.q, to: row.q, g: row.g, why: 'not_member' });
      return { seq: row.q, session, user };
    },
  },
  'one who is no member puts another out': {
    rule: 'audience',
    breach: (records) => {
      const row = lastOf(records, (record): record is RowRecord => record.k === 'row' && record.kind === 'kick');
      replace(records, row, { ...row, a: 4_000 });
      return { seq: row.q, user: 4_000 };
    },
  },
  'one who never was a member leaves a tombstone': {
    rule: 'audience',
    breach: (records) => {
      const row = lastOf(records, (record): record is RowRecord => record.k === 'row' && record.kind === 'cancel');
      replace(records, row, { ...row, a: 4_000 });
      return { seq: row.q, user: 4_000 };
    },
  },
  'a blocked user writes, the answer is lost, and it is seen only by what stands behind it': {
    rule: 'forbidden',
    breach: (records) => {
      const row = lastOf(records, (record): record is RowRecord => isRow(record) && record.c === 'd1-2');
      const now = 10_000_000;
      const two = { k: 'call', s: 1, u: 2, w: 1 } as const;
      const send = { k: 'call', op: 'send', c: 'd1-2', x: 1 } as const;
      records.push(
        { ...two, op: 'block', t: now, d: now + 1, r: {} },
        { ...send, s: 2, u: 1, i: 'rude', t: now + 2, d: now + 3 },
        { ...send, s: 1, u: 2, i: 'answer', t: now + 4, d: now + 5, r: { q: row.q + 2 } },
        { ...two, op: 'unblock', t: now + 6, d: now + 7, r: {} },
        { ...row, q: row.q + 1, a: 1, i: 'rude', x: 1 },
        { ...row, q: row.q + 2, a: 2, i: 'answer', x: 1 },
      );
      return { seq: row.q + 1, clientId: 'rude', user: 1 };
    },
  },
  'a blocked user writes, long after the answer to an unblock was lost': {
    rule: 'forbidden',
    breach: (records) => {
      const now = 10_000_000;
      const by = { k: 'call', s: 1, u: 2, w: 1 } as const;
      records.push(
        { ...by, t: 1, d: 2, op: 'unblock' },
        { ...by, t: now, d: now + 1, op: 'block', r: {} },
        { k: 'call', t: now + 2, d: now + 3, s: 1, u: 1, op: 'send', c: 'd1-2', i: 'rude', r: { q: 900 } },
      );
      return { seq: 900, user: 1 };
    },
  },
  'a revoked device writes, and the answer is lost': {
    rule: 'forbidden',
    breach: (records) => {
      const revoke = lastOf(records, isCall('revoke'));
      const open = lastOf(
        records,
        (record): record is Extract<HistoryRecord, { k: 'open' }> => record.k === 'open' && record.d === revoke.dev,
      );
      const row = lastOf(records, (record): record is RowRecord => isRow(record) && record.c === 'g1');
      const late = { t: revoke.d + 2_100, d: revoke.d + 2_200, s: open.s, u: open.u } as const;
      records.push({ k: 'call', op: 'send', c: 'g1', i: 'late', x: 1, ...late });
      records.push({ ...row, a: open.u, i: 'late', x: 1, q: row.q + 100 });
      return { user: open.u, clientId: 'late', seq: row.q + 100 };
    },
  },
  'a send is told to be cancelled after it was acknowledged': {
    rule: 'repeats',
    breach: (records) => {
      const send = lastOf(
        records,
        isCall('send', ({ r }) => r !== undefined),
      );
      const { r: _, ...call } = send;
      records.push({ ...call, e: 'cancelled' });
      return { clientId: send.i ?? '', user: send.u };
    },
  },
  'a session that begins later is told an older position': {
    rule: 'cursors',
    breach: (records) => {
      const open = lastOf(
        records,
        (record): record is Extract<HistoryRecord, { k: 'open' }> => record.k === 'open' && record.s > 20,
      );
      const { u, s, t } = open;
      records.push({ k: 'call', t: t - 2, d: t - 1, s: 1, u, op: 'read', c: 'd1-2', to: 9, r: {} });
      records.push({ k: 'pos', t: t + 1, s, u, c: 'd1-2', read: 8, delivered: 9 });
      return { user: u, seq: 8 };
    },
  },
  'the database has no position where one was acknowledged': {
    rule: 'cursors',
    breach: (records) => {
      const position = lastOf(
        records,
        (record): record is Extract<HistoryRecord, { k: 'pos' }> => record.k === 'pos' && record.s === 0,
      );
      replace(records, position);
      return { user: position.u };
    },
  },
  'something is read that nobody said to have read': {
    rule: 'cursors',
    breach: (records) => {
      const position = lastOf(
        records,
        (record): record is Extract<HistoryRecord, { k: 'pos' }> => record.k === 'pos' && record.s === 0,
      );
      replace(records, position, { ...position, read: 5_000 });
      return { user: position.u, seq: 5_000 };
    },
  },
  'a session is told that something is read that nobody said to have read': {
    rule: 'cursors',
    breach: (records) => {
      const position = lastOf(
        records,
        (record): record is Extract<HistoryRecord, { k: 'pos' }> => record.k === 'pos' && record.s > 0,
      );
      replace(records, position, { ...position, read: 5_000 });
      return { user: position.u, session: position.s, seq: 5_000 };
    },
  },
  'a message that was acknowledged is refused for ever when it is sent again': {
    rule: 'repeats',
    breach: (records) => {
      const repeat = lastOf(
        records,
        isCall('send', ({ r }) => r?.dup === 1),
      );
      const { r: _, ...call } = repeat;
      records.push({ ...call, t: repeat.d + 1, d: repeat.d + 2, e: 'id_conflict' });
      return { clientId: repeat.i ?? '', user: repeat.u };
    },
  },
  'another content goes well when the first answer was lost': {
    rule: 'repeats',
    breach: (records) => {
      const refused = lastOf(
        records,
        isCall('send', ({ e }) => e === 'id_conflict'),
      );
      const repeat = lastOf(
        records,
        isCall('send', ({ r, i }) => r !== undefined && i === refused.i),
      );
      replace(records, refused);
      replace(records, repeat, { ...repeat, x: (repeat.x ?? 0) + 1 });
      return { clientId: repeat.i ?? '', seq: repeat.r?.q ?? 0 };
    },
  },
  'a join goes well under the id of a leave': {
    rule: 'repeats',
    breach: (records) => {
      const leave = lastOf(records, isCall('leave'));
      records.push({ ...leave, op: 'join', t: leave.d + 1, d: leave.d + 2, r: { ...leave.r, dup: 1 } });
      return { clientId: leave.i ?? '', user: leave.u };
    },
  },
  'an acknowledgement does not tell where': {
    rule: 'acknowledged',
    breach: (records) => {
      const call = lastOf(
        records,
        isCall('send', ({ r }) => r !== undefined),
      );
      replace(records, call, { ...call, r: {} });
      return { clientId: call.i ?? '', user: call.u };
    },
  },
  'another gets a role than was asked for': {
    rule: 'phantom',
    breach: (records) => {
      const call = lastOf(records, isCall('kick'));
      const row = lastOf(records, (record): record is RowRecord => record.k === 'row' && record.i === call.i);
      replace(records, call, { ...call, op: 'role' });
      replace(records, row, { ...row, kind: 'role', w: 4_000, role: 'admin' });
      return { seq: row.q, clientId: row.i };
    },
  },
  'a node says that an id was stored which nobody ever used': {
    rule: 'nodes',
    breach: (records) => {
      records.push({ k: 'asked', n: 'node1', u: 1, c: 'd1-2', i: 'nobody', st: 'committed', q: 1 });
      return { user: 1, clientId: 'nobody' };
    },
  },
};

test('an unblock that was refused because the database was away may have been done', () => {
  const records = correctHistory(7, 600);
  const row = lastOf(records, (record): record is RowRecord => isRow(record) && record.c === 'd1-2');
  const head = lastOf(
    records,
    (record): record is Extract<HistoryRecord, { k: 'head' }> => record.k === 'head' && record.c === 'd1-2',
  );
  const now = 10_000_000;
  const two = { k: 'call', s: 1, u: 2, w: 1 } as const;
  const next: RowRecord = { ...row, q: head.q + 1, o: head.o + 1, a: 1, i: 'late', x: 1, time: now };
  replace(records, head, { ...head, q: next.q, o: next.o, g: next.g });
  records.push(
    { ...two, op: 'block', t: now, d: now + 1, r: {} },
    { ...two, op: 'unblock', t: now + 2, d: now + 3, e: 'store_unavailable' },
    { k: 'call', op: 'send', c: 'd1-2', x: 1, s: 2, u: 1, i: 'late', t: now + 4, d: now + 5, r: { q: next.q } },
    { ...two, op: 'unblock', t: now + 6, d: now + 7, r: {} },
    next,
  );
  assert.deepEqual(
    judge(records).filter(({ rule }) => rule === 'forbidden'),
    [],
  );
});

describe('a breach that hides behind lost answers, tombstones, gaps and positions is found as well', () => {
  testBreaches(BREACHES);
});
