import type { PlannedRow } from '../../chat/append-plan.ts';
import type { EntryKind } from '../../chat/ports/records.ts';
import { roleCode } from '../roles.ts';
import type { Value } from './link.ts';
import { rowParameters } from './sql.ts';
import type { Transaction } from './transaction.ts';

/** What a row takes in a packet beside its text, in bytes. */
const ROW_BYTES = 300;
/** What a UTF-16 unit of text takes there at most: three bytes, each of which may need a backslash. */
const UNIT_BYTES = 6;

/** A row of the log; `create` is written by who makes the group. */
export type EntryRow = Omit<PlannedRow, 'kind'> & { readonly kind: EntryKind };

/**
 * Has entries inserted. What does not fit into one packet, together with what else the transaction's last flight holds,
 * goes out before it.
 */
export async function insertEntries(transaction: Transaction, rows: readonly EntryRow[]): Promise<void> {
  const room = transaction.maxPacket / 2;
  let first = 0;
  let bytes = 0;
  for (const [index, { text }] of rows.entries()) {
    const size = ROW_BYTES + UNIT_BYTES * (text?.length ?? 0);
    if (bytes + size > room && index > first) {
      deferInsert(transaction, rows.slice(first, index));
      await transaction.flush();
      first = index;
      bytes = 0;
    }
    bytes += size;
  }
  deferInsert(transaction, first === 0 ? rows : rows.slice(first));
}

function deferInsert(transaction: Transaction, rows: readonly EntryRow[]): void {
  if (rows.length === 0) return;
  if (rows.every(({ kind }) => kind === 'message')) deferMessages(transaction, rows);
  else deferAnyKind(transaction, rows);
}

/** Nearly all batches: what need not be said need not be read. */
function deferMessages(transaction: Transaction, rows: readonly EntryRow[]): void {
  const values = rows.map(({ conversation, seq, ord, tag, author, clientId, hash, time, text }): Value[] => {
    return [conversation, seq, ord, tag, author, clientId, hash, time, text];
  });
  transaction.defer(
    `INSERT INTO entry (conversation, seq, ord, tag, author, client_id, hash, time, text)
     VALUES ${rowParameters(rows.length)}`,
    values,
  );
}

function deferAnyKind(transaction: Transaction, rows: readonly EntryRow[]): void {
  const values = rows.map((row): Value[] => {
    const { conversation, seq, ord, tag, kind, author, clientId, hash, time, text, target } = row;
    const role = row.role === null ? null : roleCode(row.role);
    return [conversation, seq, ord, tag, kind, author, clientId, hash, time, text, target, role];
  });
  transaction.defer(
    `INSERT INTO entry (conversation, seq, ord, tag, kind, author, client_id, hash, time, text, target, role)
     VALUES ${rowParameters(rows.length)}`,
    values,
  );
}
