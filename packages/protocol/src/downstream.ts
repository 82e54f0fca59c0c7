import type { ErrorCode } from './error-codes.ts';
import type { DevicesReply, HelloReply, LoginReply, WhoisReply } from './messages/accounts.ts';
import type { FriendsReply } from './messages/contacts.ts';
import type { CreateGroupReply, MembersReply } from './messages/groups.ts';
import type { HistoryReply } from './messages/history.ts';
import type { AppendReply, OutcomeReply } from './messages/sending.ts';
import type { CloseEvent, EntryEvent, GapEvent, GoawayEvent, PresenceEvent, StateEvent } from './messages/sync.ts';
import type { Op } from './upstream.ts';

/** What a request is answered with when it went well. Operations without a row answer `{}`. */
interface RepliesWithContent {
  hello: HelloReply;
  register: LoginReply;
  login: LoginReply;
  resume: LoginReply;
  devices: DevicesReply;
  whois: WhoisReply;
  send: AppendReply;
  outcome: OutcomeReply;
  cancel: OutcomeReply;
  history: HistoryReply;
  friends: FriendsReply;
  createGroup: CreateGroupReply;
  join: AppendReply;
  leave: AppendReply;
  kick: AppendReply;
  role: AppendReply;
  members: MembersReply;
}

/** The empty answer: done. */
export type Done = Record<never, never>;

/** The answer of one operation. */
export type ReplyOf<O extends Op> = O extends keyof RepliesWithContent ? RepliesWithContent[O] : Done;

/** Why a request was refused. `hint` says what to do; `retryAfterMs` is given where `retry` is `later`. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly retryAfterMs?: number;
}

/** A frame that answers the request numbered `re`; `re` is null when the request's number could not be read. */
export type ReplyFrame =
  | { readonly re: number; readonly ok: unknown }
  | { readonly re: number | null; readonly err: WireError };

/** A frame that the server sends of its own accord. */
export type EventFrame =
  | StateEvent
  | EntryEvent
  | GapEvent
  | { readonly ev: 'synced' }
  | PresenceEvent
  | GoawayEvent
  | CloseEvent;

/** Everything that a native server sends. */
export type ServerFrame = ReplyFrame | EventFrame;
