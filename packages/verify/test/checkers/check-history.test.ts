// Long because: each rule has its own breaches, and they are read best side by side.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EntryRecord, HistoryRecord, RowRecord } from '../../src/history/record.ts';
import { type Breaches, isCall, isEntry, isRow, judge, lastOf, replace, stranger, testBreaches } from './breach.ts';
import { correctHistory } from './correct-history.ts';

const SEEDS = Array.from({ length: 100 }, (_, index) => index + 1);

test('a hundred correct histories break no rule', () => {
  for (const seed of SEEDS) assert.deepEqual(judge(correctHistory(seed)), [], `seed ${seed}`);
});

/** The database lost an acknowledged message, and all else with it. */
function forgetRow(records: HistoryRecord[]): RowRecord {
  const call = lastOf(
    records,
    isCall('send', ({ r }) => r !== undefined && r.dup === undefined),
  );
  const row = lastOf(records, (record): record is RowRecord => isRow(record) && record.i === call.i);
  replace(records, row);
  return row;
}

const LAZY = 9_999;

/** A device of user 1 that wants the last two of each conversation at first, and is left out all but the last few of d1-2. */
function lazily(records: HistoryRecord[], { leavesOut, isPaged }: { leavesOut: number; isPaged: boolean }): void {
  const rows = records.filter((record): record is RowRecord => record.k === 'row' && record.c === 'd1-2');
  const [early, late] = [rows.slice(0, -leavesOut), rows.slice(-leavesOut)];
  const end = early.at(-1);
  assert.ok(end);
  const common = { t: 1, s: LAZY, c: 'd1-2' };
  records.push(
    { k: 'open', t: 1, s: LAZY, u: 1, d: LAZY, n: 'node1', at: held(records), lazy: [['', 2]] },
    { ...common, k: 'gap', from: 1, to: end.q, g: end.g, why: 'paged' },
    ...late.map(({ q, g, h, i }): HistoryRecord => ({ ...common, k: 'e', q, g, h, i })),
    { k: 'final', u: 1, d: LAZY },
  );
  const e = early.map(({ q, g, h }) => [q, g, h] as const);
  if (isPaged) records.push({ k: 'page', n: 'page 1', u: 1, d: LAZY, c: 'd1-2', e, last: false });
}

/** The ends of the other logs. */
function held(records: readonly HistoryRecord[]): [string, number, number][] {
  const heads = records.filter((record) => record.k === 'head').filter(({ c }) => c !== 'd1-2');
  return heads.map(({ c, q, g }) => [c, q, g]);
}

const BREACHES: Breaches = {
  'an acknowledged message is not in the database': {
    rule: 'acknowledged',
    breach: (records) => {
      const { q, i, a } = forgetRow(records);
      return { seq: q, clientId: i, user: a };
    },
  },
  'a message is in the database twice': {
    rule: 'acknowledged',
    breach: (records) => {
      const row = lastOf(records, isRow);
      records.push({ ...row, q: row.q + 100 });
      return { seq: row.q, clientId: row.i };
    },
  },
  'a node shows a history without one entry': {
    rule: 'nodes',
    breach: (records) => {
      const page = lastOf(records, (record): record is Extract<HistoryRecord, { k: 'page' }> => record.k === 'page');
      replace(records, page, { ...page, e: page.e.slice(0, -1) });
      return { seq: page.e.at(-1)?.[0] ?? 0, user: page.u };
    },
  },
  'a node does not know what became of an acknowledged message': {
    rule: 'nodes',
    breach: (records) => {
      const asked = lastOf(
        records,
        (record): record is Extract<HistoryRecord, { k: 'asked' }> => record.k === 'asked' && record.st === 'committed',
      );
      replace(records, asked, { ...asked, st: 'unknown', q: undefined });
      return { clientId: asked.i, user: asked.u };
    },
  },
  'one entry is not delivered, and a gap hides it': {
    rule: 'delivered',
    breach: (records) => {
      const entry = lastOf(records, isEntry);
      const { t, s, c, q, g } = entry;
      replace(records, entry, { k: 'gap', t, s, c, from: q, to: q, g, why: 'not_member' });
      return { seq: q, clientId: entry.i };
    },
  },
  'the last entry never comes': {
    rule: 'delivered',
    breach: (records) => {
      const entry = lastOf(records, isEntry);
      replace(records, entry);
      return { seq: entry.q, clientId: entry.i };
    },
  },
  'an entry is delivered twice': {
    rule: 'once',
    breach: (records) => {
      const entry = lastOf(records, isEntry);
      replace(records, entry, entry, entry);
      return { seq: entry.q, session: entry.s, clientId: entry.i };
    },
  },
  'two entries come in the wrong order': {
    rule: 'once',
    breach: (records) => {
      const later = lastOf(records, isEntry);
      const earlier = lastOf(
        records,
        (record): record is EntryRecord =>
          isEntry(record) && record.s === later.s && record.c === later.c && record.q < later.q,
      );
      const [first, second] = [records.indexOf(earlier), records.indexOf(later)];
      [records[first], records[second]] = [later, earlier];
      return { seq: earlier.q, session: later.s };
    },
  },
  'a hole is passed over in silence': {
    rule: 'once',
    breach: (records) => {
      const later = lastOf(records, isEntry);
      const earlier = lastOf(
        records,
        (record): record is EntryRecord =>
          isEntry(record) && record.s === later.s && record.c === later.c && record.q < later.q,
      );
      replace(records, earlier);
      return { session: later.s };
    },
  },
  'a session is told to forget everything': {
    rule: 'once',
    breach: (records) => {
      const { t, s, c } = lastOf(records, isEntry);
      records.push({ k: 'gap', t, s, c, from: 1, to: 0, g: 0, why: 'reset' });
      return { session: s };
    },
  },
  'one session gets another content than the others': {
    rule: 'same',
    breach: (records) => {
      const entry = lastOf(records, isEntry);
      replace(records, entry, { ...entry, h: entry.h + 1 });
      return { seq: entry.q, session: entry.s };
    },
  },
  'an entry under another tag': {
    rule: 'same',
    breach: (records) => {
      const entry = lastOf(records, isEntry);
      replace(records, entry, { ...entry, g: entry.g + 1 });
      return { seq: entry.q, session: entry.s };
    },
  },
  'a message that was acknowledged stands behind one that was sent later': {
    rule: 'realTime',
    breach: (records) => {
      const call = lastOf(
        records,
        isCall('send', ({ r }) => r !== undefined && r.dup === undefined && (r.q ?? 0) > 1),
      );
      // As if it had been asked for only now, when later ones had been acknowledged.
      const other = lastOf(
        records,
        isCall('send', ({ r, c, i }) => r !== undefined && c === call.c && i !== call.i),
      );
      replace(records, other, { ...other, t: call.d + 10, d: call.d + 20 });
      return { seq: other.r?.q ?? 0, clientId: other.i ?? '' };
    },
  },
  'a message stands before the one that it was sent after': {
    rule: 'chain',
    breach: (records) => {
      const call = lastOf(
        records,
        isCall('send', ({ r, a }) => r !== undefined && r.dup === undefined && a !== undefined),
      );
      const row = lastOf(records, (record): record is RowRecord => isRow(record) && record.i === call.a);
      replace(records, row, { ...row, q: (call.r?.q ?? 0) + 50 });
      return { clientId: call.i ?? '', seq: call.r?.q ?? 0 };
    },
  },
  'a message that nobody sent': {
    rule: 'phantom',
    breach: (records) => {
      const row = lastOf(records, isRow);
      records.push({ ...row, q: row.q + 1, i: 'nobody' });
      return { seq: row.q + 1, clientId: 'nobody' };
    },
  },
  'a message that was only refused': {
    rule: 'phantom',
    breach: (records) => {
      const call = lastOf(
        records,
        isCall('send', ({ e }) => e === 'blocked' || e === 'not_member'),
      );
      const row = lastOf(records, isRow);
      records.push({ ...row, c: call.c ?? '', a: call.u, i: call.i ?? '', x: call.x ?? 0, q: 900 });
      return { seq: 900, clientId: call.i ?? '' };
    },
  },
  'a message that was cancelled': {
    rule: 'phantom',
    breach: (records) => {
      const call = lastOf(records, isCall('cancel'));
      const tombstone = lastOf(records, (record): record is RowRecord => record.k === 'row' && record.i === call.i);
      const sent = lastOf(
        records,
        isCall('send', ({ i }) => i === call.i),
      );
      replace(records, tombstone, { ...tombstone, kind: 'message', x: sent.x ?? 0 });
      return { seq: tombstone.q, clientId: call.i ?? '' };
    },
  },
  'a message with a text that nobody wrote': {
    rule: 'phantom',
    breach: (records) => {
      const row = lastOf(records, isRow);
      replace(records, row, { ...row, x: row.x + 1 });
      return { seq: row.q, clientId: row.i };
    },
  },
  'a stranger gets a message': {
    rule: 'audience',
    breach: (records) => {
      const { row, session, user } = stranger(records);
      records.push({ k: 'e', t: 1, s: session, c: row.c, q: row.q, g: row.g, h: row.h, i: row.i });
      return { seq: row.q, session, user };
    },
  },
  'a node shows a stranger the history': {
    rule: 'audience',
    breach: (records) => {
      const { row, user } = stranger(records);
      records.push({ k: 'page', n: 'node2', u: user, c: row.c, e: [[row.q, row.g, row.h]], last: false });
      return { seq: row.q, user };
    },
  },
  'one who is no member writes': {
    rule: 'audience',
    breach: (records) => {
      const row = lastOf(records, (record): record is RowRecord => isRow(record) && record.c === 'g1');
      replace(records, row, { ...row, a: 4_000 });
      return { seq: row.q, user: 4_000 };
    },
  },
  'a blocked user writes': {
    rule: 'forbidden',
    breach: (records) => {
      const send = lastOf(
        records,
        isCall('send', ({ r, c, u }) => r !== undefined && r.dup === undefined && c === 'd1-2' && u === 1),
      );
      records.unshift({ k: 'call', t: send.t - 2, d: send.t - 1, s: 1, u: 2, op: 'block', w: 1, r: {} });
      const later = records.filter(isCall('unblock', ({ u, w, d }) => u === 2 && w === 1 && d > send.t - 2));
      for (const unblock of later) replace(records, unblock);
      return { seq: send.r?.q ?? 0, user: 1 };
    },
  },
  'one who left writes': {
    rule: 'forbidden',
    breach: (records) => {
      const send = lastOf(
        records,
        isCall('send', ({ r, c, u }) => r !== undefined && r.dup === undefined && c === 'g1' && u === 1),
      );
      records.unshift({
        k: 'call',
        t: send.t - 2,
        d: send.t - 1,
        s: 1,
        u: 1,
        op: 'leave',
        c: 'g1',
        i: 'gone',
        r: { q: 2 },
      });
      return { seq: send.r?.q ?? 0, user: 1 };
    },
  },
  'one who was kicked writes': {
    rule: 'forbidden',
    breach: (records) => {
      const send = lastOf(
        records,
        isCall('send', ({ r, c, u }) => r !== undefined && r.dup === undefined && c === 'g1' && u === 1),
      );
      const kick = {
        k: 'call',
        t: send.t - 2,
        d: send.t - 1,
        s: 1,
        u: 2,
        w: 1,
        op: 'kick',
        c: 'g1',
        i: 'out',
        r: { q: 2 },
      } as const;
      records.unshift(kick);
      return { seq: send.r?.q ?? 0, user: 1 };
    },
  },
  'a revoked device comes back': {
    rule: 'forbidden',
    breach: (records) => {
      const resume = lastOf(
        records,
        isCall('resume', ({ e }) => e === 'bad_token'),
      );
      const { e: _, ...call } = resume;
      replace(records, resume, { ...call, r: {} });
      return { user: resume.u };
    },
  },
  'a repeat gets another seq': {
    rule: 'repeats',
    breach: (records) => {
      const call = lastOf(
        records,
        isCall('send', ({ r }) => r?.dup === 1),
      );
      records.push({ ...call, r: { ...call.r, q: (call.r?.q ?? 0) + 1 } });
      return { clientId: call.i ?? '', seq: (call.r?.q ?? 0) + 1 };
    },
  },
  'the same id goes well with another content': {
    rule: 'repeats',
    breach: (records) => {
      const call = lastOf(
        records,
        isCall('send', ({ e }) => e === 'id_conflict'),
      );
      const { e: _, ...rest } = call;
      const good = lastOf(
        records,
        isCall('send', ({ i, r }) => i === call.i && r !== undefined),
      );
      replace(records, call, { ...rest, r: good.r ?? {} });
      return { clientId: call.i ?? '' };
    },
  },
  'a read position moves back': {
    rule: 'cursors',
    breach: (records) => {
      const position = lastOf(
        records,
        (record): record is Extract<HistoryRecord, { k: 'pos' }> =>
          record.k === 'pos' && record.s > 0 && record.read > 1,
      );
      records.push({ ...position, read: position.read - 1 });
      return { session: position.s, user: position.u, seq: position.read - 1 };
    },
  },
  'the database forgets what was read': {
    rule: 'cursors',
    breach: (records) => {
      const position = lastOf(
        records,
        (record): record is Extract<HistoryRecord, { k: 'pos' }> => record.k === 'pos' && record.s === 0,
      );
      replace(records, position, { ...position, read: 0 });
      return { user: position.u, seq: 0 };
    },
  },
  'the log has a hole': {
    rule: 'dense',
    breach: (records) => {
      const row = lastOf(records, isRow);
      const before = lastOf(
        records,
        (record): record is RowRecord => record.k === 'row' && record.c === row.c && record.q === row.q - 1,
      );
      replace(records, before);
      return { seq: row.q };
    },
  },
  'a member puts another out': {
    rule: 'roles',
    breach: (records) => {
      const kick = lastOf(records, (record): record is RowRecord => record.k === 'row' && record.kind === 'kick');
      replace(records, kick, { ...kick, a: 4 });
      return { seq: kick.q, user: 4 };
    },
  },
  'a member gives a role': {
    rule: 'roles',
    breach: (records) => {
      const join = lastOf(records, (record): record is RowRecord => record.k === 'row' && record.kind === 'join');
      replace(records, join, { ...join, kind: 'role', w: 1, role: 'member' });
      return { seq: join.q, user: join.a };
    },
  },
  'a group gets a second owner': {
    rule: 'roles',
    breach: (records) => {
      const join = lastOf(records, (record): record is RowRecord => record.k === 'row' && record.kind === 'join');
      replace(records, join, { ...join, role: 'owner' });
      return { seq: join.q, user: join.a };
    },
  },
  'a lazy session is left out more than it asked for': {
    rule: 'once',
    breach: (records) => {
      lazily(records, { leavesOut: 1, isPaged: true });
      return { seq: 1, session: LAZY };
    },
  },
  'what a lazy session was left out cannot be paged': {
    rule: 'delivered',
    breach: (records) => {
      lazily(records, { leavesOut: 2, isPaged: false });
      return { seq: 1, user: 1 };
    },
  },
  'ord does not count the messages': {
    rule: 'dense',
    breach: (records) => {
      const row = lastOf(records, isRow);
      replace(records, row, { ...row, o: row.o + 1 });
      return { seq: row.q };
    },
  },
  'time falls': {
    rule: 'dense',
    breach: (records) => {
      const row = lastOf(records, isRow);
      replace(records, row, { ...row, time: 0 });
      return { seq: row.q };
    },
  },
  'a head that is not the last entry': {
    rule: 'dense',
    breach: (records) => {
      const head = lastOf(records, (record): record is Extract<HistoryRecord, { k: 'head' }> => record.k === 'head');
      replace(records, head, { ...head, q: head.q + 1 });
      return { seq: head.q + 1 };
    },
  },
};

test('what a lazy session was left out and has paged counts as delivered', () => {
  const records = correctHistory(7, 600);
  lazily(records, { leavesOut: 2, isPaged: true });
  assert.deepEqual(judge(records), []);
});

describe('a history that breaks one rule is found, and the culprit named', () => testBreaches(BREACHES));
