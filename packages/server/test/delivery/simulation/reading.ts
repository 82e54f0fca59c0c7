import type { Seq, SyncMode } from '@parley/protocol';
import type { Conversation, ConversationId, Cursor, Entry, Stay } from '../../../src/chat/ports/index.ts';
import type { Gap } from '../../../src/delivery/peer.ts';
import type { SimDatabase } from './sim-database.ts';

export type Item = { readonly entry: Entry } | { readonly gap: Gap };

/** Where a reading begins. `account`: at the account's own position, which the judge does not know. */
export interface ReadingStart {
  readonly cursor: Cursor | undefined;
  /** A cursor that the device named is not of this database's history. */
  readonly isForeign: boolean;
  readonly want: SyncMode;
  readonly from: 'device' | 'account';
}

/** What one session was handed over of one conversation, and whether that was right. */
export class Reading {
  readonly conversation: Conversation;
  readonly start: ReadingStart;
  readonly items: Item[] = [];
  /** Where the reader stands: the seq of the last entry, or the end of the last gap. */
  position: Seq | undefined;

  constructor(conversation: Conversation, start: ReadingStart) {
    this.conversation = conversation;
    this.start = start;
    this.position = start.cursor?.seq;
  }

  get wasReset(): boolean {
    return this.items.some((item) => 'gap' in item && item.gap.reason === 'reset');
  }

  add(item: Item): void {
    this.items.push(item);
    if ('entry' in item) this.position = item.entry.seq;
    else this.position = item.gap.reason === 'reset' ? undefined : item.gap.to;
  }
}

/** What the database says of one user in one conversation. */
interface Truth {
  readonly entries: readonly Entry[];
  readonly stays: readonly Stay[];
}

/** What is wrong with a reading, by the database as it is now; empty when all is well. [DELIV-1] [VIS-1] [TAG-1] */
export function judgeReading(reading: Reading, user: number, database: SimDatabase): string[] {
  const truth = truthOf(user, reading.conversation.id, database);
  const complaints: string[] = [];
  let position: number | undefined = reading.start.cursor?.seq;
  let isFirst = true;
  for (const item of reading.items) {
    const isAnywhere = isFirst && reading.start.from === 'account';
    const expected = isAnywhere ? undefined : position === undefined ? firstVisible(truth) : position + 1;
    if ('entry' in item) {
      complaints.push(...judgeEntry(item.entry, expected, truth));
      position = item.entry.seq;
    } else if (item.gap.reason === 'reset') {
      if (!isFirst || !reading.start.isForeign) complaints.push('a reset out of place');
      position = undefined;
      continue;
    } else {
      complaints.push(...judgeGap(item.gap, expected, truth));
      if (item.gap.reason === 'paged' && reading.start.want.mode !== 'lazy') complaints.push('paged, but not lazy');
      position = item.gap.to;
    }
    isFirst = false;
  }
  return complaints.map((complaint) => `${reading.conversation.address} of user ${user}: ${complaint}`);
}

/** What is missing at the end of a reading, when everything has come to rest. */
export function judgeEnd(reading: Reading, user: number, database: SimDatabase): string[] {
  const truth = truthOf(user, reading.conversation.id, database);
  if (truth.stays.length === 0) return [];
  const where = `${reading.conversation.address} of user ${user}`;
  if (reading.start.isForeign && !reading.wasReset) return [`${where}: a foreign cursor was not noticed`];
  const last = lastVisible(truth);
  const isAccount = reading.start.from === 'account' && reading.items.length === 0;
  if (isAccount || last < firstVisible(truth)) return [];
  // A cursor of before a restore may stand in what is not his, behind the last that is.
  const isAtEnd = reading.position !== undefined && reading.position >= last;
  return isAtEnd ? [] : [`${where}: stands at ${reading.position}, not at ${last}`];
}

/** The last entry that this user may see, at most `limit`. 0: none. */
export function lastVisibleWithin(limit: number, user: number, [id, database]: [ConversationId, SimDatabase]): number {
  const { stays, entries } = truthOf(user, id, database);
  let seq = Math.min(limit, entries.length);
  while (seq > 0 && !isVisible(stays, seq)) seq -= 1;
  return seq;
}

function truthOf(user: number, id: ConversationId, database: SimDatabase): Truth {
  return { entries: database.entries(id), stays: database.membership(user as never, id)?.stays ?? [] };
}

function judgeEntry(entry: Entry, expected: number | undefined, { entries, stays }: Truth): string[] {
  const complaints: string[] = [];
  const stored = entries[entry.seq - 1];
  if (expected !== undefined && entry.seq !== expected) complaints.push(`${entry.seq} came, not ${expected}`);
  if (stored?.tag !== entry.tag || stored.text !== entry.text || stored.kind !== entry.kind) {
    complaints.push(`${entry.seq} is not the stored one`);
  }
  if (!isVisible(stays, entry.seq)) complaints.push(`${entry.seq} was not to be seen`);
  return complaints;
}

function judgeGap(gap: Gap, expected: number | undefined, { entries, stays }: Truth): string[] {
  const complaints: string[] = [];
  const told = `gap ${gap.from}..${gap.to} ${gap.reason}`;
  if (expected !== undefined && gap.from !== expected) complaints.push(`${told}, not from ${expected}`);
  if (gap.to < gap.from) complaints.push(`${told} is empty`);
  if (gap.to !== 0 && entries[gap.to - 1]?.tag !== gap.tag) complaints.push(`${told} with a wrong tag`);
  const within = Array.from({ length: gap.to - gap.from + 1 }, (_, index) => gap.from + index);
  const hidesVisible = within.some((seq) => isVisible(stays, seq));
  if (gap.reason === 'not_member' && hidesVisible) complaints.push(`${told} hides what is visible`);
  if (gap.reason === 'not_member' && !isVisible(stays, gap.to + 1)) complaints.push(`${told} ends too early`);
  if (gap.reason === 'paged' && !hidesVisible) complaints.push(`${told} names nothing to page`);
  return complaints;
}

function isVisible(stays: readonly Stay[], seq: number): boolean {
  return stays.some(({ from, to }) => from <= seq && (to === null || seq <= to));
}

function firstVisible({ stays }: Truth): number {
  return stays[0]?.from ?? 1;
}

function lastVisible({ stays, entries }: Truth): number {
  return stays.at(-1)?.to ?? entries.length;
}
