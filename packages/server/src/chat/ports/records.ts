import type { ErrorCode, GroupId, MemberRole, Ord, Seq, Tag, UserId } from '@parley/protocol';

/** Internal number of a conversation; it never leaves the server. */
export type ConversationId = number & { readonly __brand: 'ConversationId' };

/** Number of a device: one log-in of an account, with a token. */
export type DeviceId = number & { readonly __brand: 'DeviceId' };

/** Of sessions that have no device: classic ones. They end with the others when the password changes. */
export const NO_DEVICE = 0 as DeviceId;

/** An account. */
export interface UserRecord {
  readonly id: UserId;
  readonly name: string;
  /** argon2id in PHC string format; the empty string never matches. */
  readonly passwordHash: string;
  readonly disabled: boolean;
  /** When its last session ended, in milliseconds; null before the first. */
  readonly lastSeenAt: number | null;
}

/** A device, without its token: only a hash of that is stored. */
export interface DeviceRecord {
  readonly id: DeviceId;
  readonly user: UserId;
  readonly name: string;
  readonly createdAt: number;
  readonly lastSeenAt: number;
}

/** What a conversation is, which never changes. `address` is how everybody writes it: `g7`, `d17-42`. */
export type Conversation =
  | {
      readonly kind: 'direct';
      readonly id: ConversationId;
      readonly address: string;
      readonly low: UserId;
      readonly high: UserId;
    }
  | { readonly kind: 'group'; readonly id: ConversationId; readonly address: string; readonly group: GroupId };

/** The end of a conversation's log. Before the first entry: 0, 0, 0. */
export interface Head {
  readonly seq: Seq;
  readonly ord: Ord;
  readonly tag: Tag;
}

/** A place in a log: the entry's number and the random tag that proves it is that entry. */
export interface Cursor {
  readonly seq: Seq;
  readonly tag: Tag;
}

/** Kinds of entry that this release writes. Rows may hold kinds of a later one. */
export type EntryKind = 'message' | 'cancel' | 'create' | 'join' | 'leave' | 'kick' | 'role';

/** One row of a conversation's log. */
export interface Entry {
  readonly conversation: ConversationId;
  readonly seq: Seq;
  readonly ord: Ord;
  readonly tag: Tag;
  readonly kind: EntryKind;
  readonly author: UserId;
  readonly authorName: string;
  readonly clientId: string;
  /** Milliseconds since 1970 by the store's clock, never falling within a conversation. */
  readonly time: number;
  readonly text: string | null;
  readonly target: UserId | null;
  readonly targetName: string | null;
  readonly role: MemberRole | null;
}

/** What was one member's from when to when: both ends included, `to` null while it lasts. */
export interface Stay {
  readonly from: Seq;
  readonly to: Seq | null;
}

/** A conversation as one user has it. */
export interface Membership {
  readonly conversation: Conversation;
  /** In order of `from`; the last one may be open. */
  readonly stays: readonly Stay[];
  readonly readSeq: Seq;
  /** Up to where classic sessions of the account were sent what was said. */
  readonly classicSeq: Seq;
}

/** A request to append one entry, as the log takes it: already checked for form, not yet for permission. */
export interface AppendRequest {
  readonly conversation: ConversationId;
  readonly author: UserId;
  /** Goes out with the entry to those who listen; not stored, names are the account's. */
  readonly authorName: string;
  readonly clientId: string;
  /** Tells two contents under one client id apart; see request-hash.ts. */
  readonly hash: number;
  readonly kind: Exclude<EntryKind, 'create'>;
  /** Client id that must be committed or cancelled there first; null: no condition. */
  readonly after: string | null;
  readonly text: string | null;
  readonly target: UserId | null;
  readonly role: MemberRole | null;
}

/** What became of one request. Each is final: a refusal means that this copy is not stored and never will be. */
export type AppendResult =
  | {
      /** `cancelled`: a tombstone holds the client id, placed now (`fresh`) or before. */
      readonly state: 'committed' | 'cancelled';
      /** Whether this request made the entry; false: a repeat that gets the first outcome. */
      readonly fresh: boolean;
      readonly seq: Seq;
      readonly ord: Ord;
      readonly tag: Tag;
      /** Tag of the entry before; 0 for the first entry, and for a repeat. */
      readonly prevTag: Tag;
      readonly time: number;
    }
  | { readonly state: 'refused'; readonly code: ErrorCode };
