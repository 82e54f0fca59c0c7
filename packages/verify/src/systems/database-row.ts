import type { RowRecord } from '../history/record.ts';
import { rowRecord } from '../history/row-record.ts';

/** A row of the table `entry`, which both kinds of database have alike. */
export interface DatabaseEntry {
  readonly seq: number;
  readonly ord: number;
  readonly tag: number;
  readonly kind: string;
  readonly author: number;
  readonly clientId: string;
  readonly time: number;
  readonly text: string | null;
  readonly target: number | null;
  /** By rank. */
  readonly role: number | null;
}

const ROLES = ['member', 'admin', 'owner'];

/** As it stands in the history. */
export function rowOf(conversation: string, entry: DatabaseEntry): RowRecord {
  return rowRecord(conversation, { ...entry, role: entry.role === null ? undefined : ROLES[entry.role] });
}

/** What a name says: the numbers of the two, or the group's. @throws Error when it is no name of a conversation */
export function partsOfConversation(name: string): { low: number; high: number } | { groupId: number } {
  const [, low, high, group] = /^(?:d(\d+)-(\d+)|g(\d+))$/.exec(name) ?? [];
  if (group !== undefined) return { groupId: Number(group) };
  if (low === undefined) throw new Error(`${name} is no conversation`);
  return { low: Number(low), high: Number(high) };
}

/** `g7` or `d17-42`. */
export function nameOfConversation(row: {
  readonly low: number | null;
  readonly high: number | null;
  readonly groupId: number | null;
}): string {
  return row.groupId === null ? `d${row.low}-${row.high}` : `g${row.groupId}`;
}
