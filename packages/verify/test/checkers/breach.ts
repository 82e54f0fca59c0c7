import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkHistory } from '../../src/checkers/check-history.ts';
import { History } from '../../src/checkers/history.ts';
import type { RuleName, Violation } from '../../src/checkers/violation.ts';
import type { CallRecord, EntryRecord, HistoryRecord, RowRecord } from '../../src/history/record.ts';
import { correctHistory } from './correct-history.ts';

export function judge(records: readonly HistoryRecord[]): Violation[] {
  const history = new History();
  for (const [index, record] of records.entries()) history.add(record, index + 1);
  return checkHistory(history).flatMap(({ violations }) => violations);
}

/** Breaks a history; returns what the violation must name. */
export type Breach = (records: HistoryRecord[]) => { seq?: number; clientId?: string; user?: number; session?: number };

export function lastOf<T extends HistoryRecord>(
  records: readonly HistoryRecord[],
  is: (record: HistoryRecord) => record is T,
): T {
  const found = records.findLast(is);
  assert.ok(found, 'the history has none of these');
  return found;
}

export function replace(records: HistoryRecord[], old: HistoryRecord, ...by: HistoryRecord[]): void {
  records.splice(records.indexOf(old), 1, ...by);
}

export const isRow = (record: HistoryRecord): record is RowRecord => record.k === 'row' && record.kind === 'message';
export const isEntry = (record: HistoryRecord): record is EntryRecord => record.k === 'e';
export function isCall(op: CallRecord['op'], test: (call: CallRecord) => boolean = ({ r }) => r !== undefined) {
  return (record: HistoryRecord): record is CallRecord => record.k === 'call' && record.op === op && test(record);
}

/** Whether nothing else was asked about this id. */
export function isOnce(records: readonly HistoryRecord[], clientId: string | undefined): boolean {
  return records.filter((record) => record.k === 'call' && record.i === clientId).length === 1;
}

/** Ways to break a history, by what they are called, each with the rule that it breaks. */
export type Breaches = Readonly<Record<string, { rule: RuleName; breach: Breach }>>;

/** An entry that only one device got. */
export function stranger(records: HistoryRecord[]): { row: RowRecord; session: number; user: number } {
  const row = lastOf(records, (record): record is RowRecord => isRow(record) && record.c === 'd1-2');
  const open = lastOf(
    records,
    (record): record is Extract<HistoryRecord, { k: 'open' }> => record.k === 'open' && record.u === 3,
  );
  return { row, session: open.s, user: 3 };
}

/** Each must be found by its rule, and the culprit named. */
export function testBreaches(breaches: Breaches): void {
  for (const [name, { rule, breach }] of Object.entries(breaches)) {
    test(`${rule}: ${name}`, () => {
      const records = correctHistory(7, 600);
      const { seq, clientId, user, session } = breach(records);
      const found = judge(records).filter((violation) => violation.rule === rule);
      const culprit = found.find(
        (violation) =>
          (seq === undefined || violation.seqs?.includes(seq)) &&
          (clientId === undefined || violation.clientId === clientId) &&
          (user === undefined || violation.user === user) &&
          (session === undefined || violation.session === session),
      );
      assert.ok(culprit, JSON.stringify({ wanted: { seq, clientId, user, session }, found }, undefined, 1));
      assert.ok(culprit.lines.length > 0);
      for (const line of culprit.lines) assert.ok(line >= 1 && line <= records.length);
    });
  }
}
