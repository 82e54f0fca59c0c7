import type { Ord, Seq, Tag } from '@parley/protocol';
import type { PlannedRow } from '../../chat/append-plan.ts';
import type { ConversationId } from '../../chat/ports/records.ts';
import { randomTag } from '../random-tag.ts';
import { rowParameters } from './sql.ts';
import { NOW_MS, type Transaction } from './transaction.ts';

/** The row of a head as it is under our lock, and as it will be. */
export interface LockedHead {
  readonly conversation: ConversationId;
  seq: Seq;
  ord: Ord;
  tag: Tag;
  time: number;
  rules: number;
  isMoved: boolean;
}

type HeadRow = readonly [
  conversation: ConversationId,
  seq: Seq,
  ord: Ord,
  tag: Tag,
  time: number,
  rules: number,
  nowMs: number,
];

/** What locking found; conversations that do not exist are missing, and so are heads that were passed over. */
export interface LockedHeads {
  readonly heads: ReadonlyMap<ConversationId, LockedHead>;
  /** The store's clock when the locks were asked for, in milliseconds; 0 when there is no head. */
  readonly nowMs: number;
}

/**
 * Locks heads in the order of their ids, which is the order of the index: so no two transactions wait for each other in
 * a circle. `skipLocked` passes over those that somebody else holds.
 */
export async function lockHeads(
  transaction: Transaction,
  conversations: Iterable<ConversationId>,
  skipLocked = false,
): Promise<LockedHeads> {
  const wanted = [...new Set(conversations)].sort((one, other) => one - other);
  if (wanted.length === 0) return { heads: new Map(), nowMs: 0 };
  const rows = await transaction.rows<HeadRow>(
    `SELECT conversation, seq, ord, tag, time, rules, ${NOW_MS} FROM head FORCE INDEX (PRIMARY)
     WHERE conversation IN ? ORDER BY conversation FOR UPDATE${skipLocked ? ' SKIP LOCKED' : ''}`,
    [wanted],
  );
  const heads = new Map<ConversationId, LockedHead>();
  for (const [conversation, seq, ord, tag, time, rules] of rows) {
    heads.set(conversation, { conversation, seq, ord, tag, time, rules, isMoved: false });
  }
  return { heads, nowMs: rows[0]?.[6] ?? 0 };
}

/** In place: an object for each entry would only have to be collected. */
export function moveHead(head: LockedHead, { seq, ord, tag, time }: PlannedRow): void {
  head.seq = seq;
  head.ord = ord;
  head.tag = tag;
  head.time = time;
  head.isMoved = true;
}

/** What others know of who may append is wrong from now on. */
export function changeRules(head: LockedHead): void {
  const before = head.rules;
  while (head.rules === before) head.rules = randomTag();
}

/** Has heads written, in the order in which they were locked. The rows exist, so this makes none. */
export function writeHeads(transaction: Transaction, heads: readonly LockedHead[]): void {
  if (heads.length === 0) return;
  const values = heads.map(({ conversation, seq, ord, tag, time, rules }) => [
    conversation,
    seq,
    ord,
    tag,
    time,
    rules,
  ]);
  transaction.defer(
    `INSERT INTO head (conversation, seq, ord, tag, time, rules) VALUES ${rowParameters(heads.length)}
     ON DUPLICATE KEY UPDATE seq = VALUES(seq), ord = VALUES(ord), tag = VALUES(tag), time = VALUES(time),
       rules = VALUES(rules)`,
    values,
  );
}
