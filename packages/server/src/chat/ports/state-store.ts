import type { MemberRole, Ord, Seq, Tag, UserId } from '@parley/protocol';
import type { ContactRecord } from './contact-store.ts';
import type { Conversation } from './records.ts';

/** Where a copy of a user's private state stands. (0, 0) is a device that has nothing. */
export interface StateVersion {
  readonly rev: number;
  readonly tag: Tag;
}

/** A row of private state with its revision. */
export type StateRow =
  | {
      readonly row: 'conversation';
      readonly rev: number;
      readonly conversation: Conversation;
      /** The group's name, or the other person's. */
      readonly name: string;
      readonly description: string;
      readonly role: MemberRole;
      readonly left: boolean;
      readonly head: { readonly seq: Seq; readonly ord: Ord };
      readonly readSeq: Seq;
      readonly readOrd: Ord;
      readonly deliveredSeq: Seq;
    }
  | { readonly row: 'contact'; readonly rev: number; readonly contact: ContactRecord };

/** One page of rows by rising revision. */
export interface StatePage {
  /**
   * The copy must be dropped first: the version asked from is (0, 0), or not among the user's last 32. What follows
   * are the first rows of everything, without tombstones.
   */
  readonly full: boolean;
  readonly rows: readonly StateRow[];
  /**
   * Where the copy stands after this page. With `more` it is not to be kept: the last row's revision, and the tag of the
   * account's newest version, which proves to the next page that it is of the same history.
   */
  readonly version: StateVersion;
  readonly more: boolean;
}

/** Private state: rows with revisions from the user's own counter. Removed rows stay as tombstones. */
export interface StateStore {
  /**
   * Rows changed after `since`, at most `limit`. `paging`: `since` comes from a page that had `more`. Its tag is judged
   * in either case: an older copy of the store may have taken over since. [STATE-1]
   */
  readState(user: UserId, since: StateVersion, options: { limit: number; paging: boolean }): Promise<StatePage>;
}
