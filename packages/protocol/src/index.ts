/** What goes over the wire. No I/O. Schemas (and typebox with them) load only through `@parley/protocol/validate`. */
export * from './address.ts';
export * from './classic.ts';
export * from './client-id.ts';
export * from './close-reasons.ts';
export * from './downstream.ts';
export * from './error-codes.ts';
export * from './frame-decoder.ts';
export * from './frame-encoder.ts';
export * from './ids.ts';
export * from './limits.ts';
export type { DevicesReply, HelloReply, LoginReply, WhoisReply } from './messages/accounts.ts';
export type { MemberRole, UserRef } from './messages/common.ts';
export type { Contact, FriendsReply } from './messages/contacts.ts';
export type { CreateGroupReply, MembersReply } from './messages/groups.ts';
export type { HistoryReply, WireEntry } from './messages/history.ts';
export type { AppendReply, OutcomeReply, SendRequest } from './messages/sending.ts';
export type {
  CloseEvent,
  ContactRow,
  ConversationRow,
  EntryEvent,
  GapEvent,
  GoawayEvent,
  PresenceEvent,
  StateEvent,
  StateVersion,
  SyncCursor,
  SyncMode,
  SyncRequest,
} from './messages/sync.ts';
export * from './names.ts';
export * from './parse-frame.ts';
export * from './protocol-version.ts';
export * from './text-rules.ts';
export type { Op, RequestOf } from './upstream.ts';
