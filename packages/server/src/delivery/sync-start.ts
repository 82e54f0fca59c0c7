import type { Seq, SyncMode, Tag } from '@parley/protocol';
import type { Cursor, Stay } from '../chat/ports/index.ts';
import type { Gap } from './peer.ts';

/** Of a place of which only the seq is known: it is taken from the database, and nothing is judged by it. */
export const UNKNOWN_TAG: Tag = -1 as Tag;

/** No cursors, for all syncs that have none to judge. */
export const NO_CURSORS: readonly Cursor[] = [];

/** Before the first entry. */
export const NOWHERE: Cursor = { seq: 0 as Seq, tag: 0 as Tag };

/** A place of which only the seq is known. Before the first entry there is no tag to know. */
export function untagged(seq: Seq): Cursor {
  return seq === 0 ? NOWHERE : { seq, tag: UNKNOWN_TAG };
}

/** Where to begin. */
export interface SyncStart {
  readonly cursor: Cursor | undefined;
  readonly acked: readonly Cursor[];
  readonly want: SyncMode;
}

/** What becomes of a start when the log's end is known. */
export interface StartPlan {
  /** What would come first if nothing were left out. */
  readonly first: Seq;
  /** What comes first. */
  readonly begin: Seq;
  /** Why what is between is left out. */
  readonly reason: Gap['reason'];
  /** The device's cursors that no later read will compare. */
  readonly toJudge: readonly Cursor[];
}

/**
 * Where handing over begins, given the log's end (`head`, a seq), and which of the device's cursors must be judged
 * first.
 */
export function planStart(start: SyncStart, stays: readonly Stay[], head: number): StartPlan {
  const { cursor, acked, want } = start;
  const first = Math.max(stays[0]?.from ?? 1, (cursor?.seq ?? 0) + 1) as Seq;
  const begin = Math.max(first, lazyBegin(want, stays, head)) as Seq;
  const isPassed = begin > first || (cursor !== undefined && !isAnyVisible(stays, cursor.seq + 1, cursor.seq + 1));
  const passed = cursor !== undefined && isPassed ? [cursor] : [];
  const toJudge = [...passed, ...acked].filter(({ seq, tag }) => seq > 0 && tag !== UNKNOWN_TAG);
  return { first, begin, reason: isAnyVisible(stays, first, begin - 1) ? 'paged' : 'not_member', toJudge };
}

function lazyBegin(want: SyncMode, stays: readonly Stay[], head: number): number {
  if (want.mode === 'full') return 0;
  return Math.min(head, stays.at(-1)?.to ?? head) - want.last + 1;
}

/** Whether some entry from `from` to `to`, both included, may be seen. */
export function isAnyVisible(stays: readonly Stay[], from: number, to: number): boolean {
  return stays.some((stay) => stay.from <= to && (stay.to === null || from <= stay.to));
}

/** Whether the last stay goes on. */
export function isPresent(stays: readonly Stay[]): boolean {
  return stays.at(-1)?.to === null;
}

/** The stay of most: there from the first entry on. */
const WHOLE: readonly Stay[] = [{ from: 1 as Seq, to: null }];

/** The same stays, where most are one and the same object: a node holds some for each conversation of each session. */
export function pooled(stays: readonly Stay[]): readonly Stay[] {
  const [only, second] = stays;
  return only?.from === 1 && only.to === null && second === undefined ? WHOLE : stays;
}
