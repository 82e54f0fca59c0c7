import Type from 'typebox';
import { ConversationAddress, MemberRole, RequestId, SeqNumber, TagNumber, UserRef } from './common.ts';
import { contact } from './contacts.ts';
import { entry } from './history.ts';

/** How much of what a device missed it wants: all of it, or the last n entries and a `paged` gap before them. */
export const syncMode = Type.Union([
  Type.Object({ mode: Type.Literal('full') }),
  Type.Object({ mode: Type.Literal('lazy'), last: Type.Integer({ minimum: 0, maximum: 500 }) }),
]);
export type SyncMode = Type.Static<typeof syncMode>;

/** Where a device stands in one conversation. */
export const syncCursor = Type.Object({
  conversation: ConversationAddress,
  seq: SeqNumber,
  tag: TagNumber,
  /** Positions that were acknowledged but whose entries have not come yet: [seq, tag]. */
  acked: Type.Optional(Type.Array(Type.Tuple([SeqNumber, TagNumber]), { maxItems: 64 })),
  want: Type.Optional(syncMode),
});
export type SyncCursor = Type.Static<typeof syncCursor>;

/** The device's copy of the account's private state. */
export const stateVersion = Type.Object({ rev: SeqNumber, tag: TagNumber });
export type StateVersion = Type.Static<typeof stateVersion>;

/**
 * Tells where the device stands, in chunks; from the last chunk (without `more`) on the server pushes:
 * first the private state that changed, then what follows each cursor, then everything as it happens.
 */
export const syncRequest = Type.Object({
  id: RequestId,
  op: Type.Literal('sync'),
  cursors: Type.Optional(Type.Array(syncCursor, { maxItems: 500 })),
  /** For conversations without a cursor; without it lazy 50. */
  default: Type.Optional(syncMode),
  state: Type.Optional(stateVersion),
  more: Type.Optional(Type.Boolean()),
});
export type SyncRequest = Type.Static<typeof syncRequest>;

/** A row of private state: a conversation of the account's, or a contact. */
export const conversationRow = Type.Object({
  row: Type.Literal('conversation'),
  conversation: ConversationAddress,
  /** A group's name, or the other person's. */
  name: Type.String(),
  description: Type.Optional(Type.String()),
  /** The other person of a direct conversation. */
  peer: Type.Optional(UserRef),
  role: MemberRole,
  /** No longer a member: the row is a tombstone. */
  left: Type.Optional(Type.Literal(true)),
  /** The log's end when the row was read; unread = ord − readOrd. */
  seq: SeqNumber,
  ord: SeqNumber,
  readSeq: SeqNumber,
  readOrd: SeqNumber,
  deliveredSeq: SeqNumber,
});
export type ConversationRow = Type.Static<typeof conversationRow>;
export const contactRow = Type.Object({
  row: Type.Literal('contact'),
  ...contact.properties,
  /** Neither edge is left: the row is a tombstone. */
  removed: Type.Optional(Type.Literal(true)),
});
export type ContactRow = Type.Static<typeof contactRow>;

/** Private state that changed. `full`: forget all rows first. Keep rev and tag when `more` is not set. */
export const stateEvent = Type.Object({
  ev: Type.Literal('state'),
  rows: Type.Array(Type.Union([conversationRow, contactRow])),
  rev: SeqNumber,
  tag: TagNumber,
  full: Type.Optional(Type.Literal(true)),
  more: Type.Optional(Type.Literal(true)),
});
export type StateEvent = Type.Static<typeof stateEvent>;

/** The next entry of a conversation's log. */
export const entryEvent = Type.Object({ ev: Type.Literal('entry'), ...entry.properties });
export type EntryEvent = Type.Static<typeof entryEvent>;

/**
 * Entries from..to do not come by themselves: `paged` (ask `history`), `not_member` (never visible to this user),
 * or `reset` (the database is not the one that the cursor was made with: forget what you hold of this
 * conversation). The cursor stands at (to, tag) afterwards.
 */
export const gapEvent = Type.Object({
  ev: Type.Literal('gap'),
  conversation: ConversationAddress,
  from: SeqNumber,
  to: SeqNumber,
  tag: TagNumber,
  reason: Type.Union([Type.Literal('paged'), Type.Literal('not_member'), Type.Literal('reset')]),
});
export type GapEvent = Type.Static<typeof gapEvent>;

/** All that was there when `sync` was asked has been sent. */
export const syncedEvent = Type.Object({ ev: Type.Literal('synced') });

/** A watched friend came or went. Passes by: it may be missed. */
export const presenceEvent = Type.Object({
  ev: Type.Literal('presence'),
  user: UserRef,
  online: Type.Boolean(),
  lastSeenAt: Type.Union([Type.Integer(), Type.Null()]),
});
export type PresenceEvent = Type.Static<typeof presenceEvent>;

/** The server is about to stop: connect again (elsewhere) after this many milliseconds. */
export const goawayEvent = Type.Object({ ev: Type.Literal('goaway'), reason: Type.String(), afterMs: Type.Integer() });
export type GoawayEvent = Type.Static<typeof goawayEvent>;

/** The last frame of a connection that the server ends. */
export const closeEvent = Type.Object({
  ev: Type.Literal('close'),
  reason: Type.String(),
  reconnect: Type.Boolean(),
  message: Type.String(),
});
export type CloseEvent = Type.Static<typeof closeEvent>;
