import type { Ord, Seq, UserId } from '@parley/protocol';
import type { MembershipChange, PlannedRow } from '../../chat/append-plan.ts';
import type { ConversationId } from '../../chat/ports/records.ts';
import { roleCode } from '../roles.ts';
import type { Revisions } from './revisions.ts';
import { placeholderRows } from './sql.ts';
import type { Transaction } from './transaction.ts';

/** A member's row as it will be; places only when the user came in with this transaction. */
interface MemberRow {
  readonly conversation: ConversationId;
  readonly user: UserId;
  readonly isNew: boolean;
  role: number;
  isPresent: boolean;
  /** Where an earlier stay ends that was open before. */
  closesAt: Seq | undefined;
  entered: { readonly seq: Seq; readonly ord: Ord } | undefined;
  /** Stays that began in this transaction. */
  readonly stays: { readonly from: Seq; to: Seq | null }[];
}

/**
 * What a transaction does to members, gathered in order and written at its end with one revision for each row.
 *
 * Who comes in starts with everything before that entry read, so that unread counts only what is visible since; so does
 * who comes back, even if something of the earlier stay was unread. Positions only move forward by that.
 */
export class MembershipChanges {
  readonly #rows = new Map<string, MemberRow>();

  get isEmpty(): boolean {
    return this.#rows.size === 0;
  }

  /** `wasMember`: whether the user had a row before this transaction; asked with the first change only. */
  add(
    { conversation, seq, ord }: Pick<PlannedRow, 'conversation' | 'seq' | 'ord'>,
    { user, does, role }: MembershipChange,
    wasMember: boolean,
  ): void {
    const row = this.#row(conversation, user, !wasMember);
    if (does === 'role') {
      row.role = roleCode(role);
    } else if (does === 'enter') {
      Object.assign(row, { role: roleCode(role), isPresent: true, entered: { seq, ord } });
      row.stays.push({ from: seq, to: null });
    } else {
      Object.assign(row, { role: 0, isPresent: false });
      const stay = row.stays.at(-1);
      if (stay === undefined) row.closesAt = seq;
      else stay.to = seq;
    }
  }

  users(): UserId[] {
    return [...this.#rows.values()].map(({ user }) => user);
  }

  /** The users must be locked. */
  write(transaction: Transaction, revisions: Revisions): void {
    const rows = [...this.#rows.values()];
    insertMembers(
      transaction,
      rows.filter(({ isNew }) => isNew),
      revisions,
    );
    for (const row of rows) {
      if (!row.isNew) updateMember(transaction, row, revisions.next(row.user));
      if (row.closesAt !== undefined) closeStay(transaction, row, row.closesAt);
    }
    insertStays(transaction, rows);
  }

  #row(conversation: ConversationId, user: UserId, isNew: boolean): MemberRow {
    const key = `${conversation} ${user}`;
    let row = this.#rows.get(key);
    if (row === undefined) {
      const nothing = { closesAt: undefined, entered: undefined, stays: [] };
      row = { conversation, user, isNew, role: 0, isPresent: true, ...nothing };
      this.#rows.set(key, row);
    }
    return row;
  }
}

function insertMembers(transaction: Transaction, rows: readonly MemberRow[], revisions: Revisions): void {
  if (rows.length === 0) return;
  const values = rows.flatMap(({ conversation, user, role, isPresent, entered }) => {
    const [seq, ord] = [(entered?.seq ?? 1) - 1, entered?.ord ?? 0];
    return [conversation, user, role, Number(isPresent), seq, ord, seq, seq, revisions.next(user)];
  });
  transaction.defer(
    `INSERT INTO member (conversation, user, role, present, read_seq, read_ord, delivered_seq, classic_seq, rev)
     VALUES ${placeholderRows(rows.length, 9)}`,
    values,
  );
}

function updateMember(transaction: Transaction, row: MemberRow, rev: number): void {
  const { conversation, user, role, isPresent, entered } = row;
  const key = [conversation, user];
  if (entered === undefined) {
    const sql = 'UPDATE member SET role = ?, present = ?, rev = ? WHERE conversation = ? AND user = ?';
    transaction.defer(sql, [role, Number(isPresent), rev, ...key]);
    return;
  }
  const seq = entered.seq - 1;
  transaction.defer(
    `UPDATE member SET role = ?, present = ?, rev = ?, read_seq = ?, read_ord = ?, delivered_seq = ?, classic_seq = ?
     WHERE conversation = ? AND user = ?`,
    [role, Number(isPresent), rev, seq, entered.ord, seq, seq, ...key],
  );
}

function closeStay(transaction: Transaction, { conversation, user }: MemberRow, to: Seq): void {
  transaction.defer('UPDATE stay SET to_seq = ? WHERE user = ? AND conversation = ? AND to_seq IS NULL', [
    to,
    user,
    conversation,
  ]);
}

function insertStays(transaction: Transaction, rows: readonly MemberRow[]): void {
  const stays = rows.flatMap(({ user, conversation, stays: own }) =>
    own.map(({ from, to }) => [user, conversation, from, to] as const),
  );
  if (stays.length === 0) return;
  const sql = `INSERT INTO stay (user, conversation, from_seq, to_seq) VALUES ${placeholderRows(stays.length, 4)}`;
  transaction.defer(sql, stays.flat());
}
