import Type from 'typebox';
import { Address, ConversationAddress, RequestId, SeqNumber, TagNumber, UserRef } from './common.ts';

/**
 * One entry of a conversation's log as every reader gets it. Readers skip kinds that they do not know,
 * but count them: the cursor moves over every entry.
 */
export const entry = Type.Object({
  conversation: ConversationAddress,
  seq: SeqNumber,
  /** How many messages the log holds up to and with this entry. */
  ord: SeqNumber,
  tag: TagNumber,
  /** `message`, `create`, `join`, `leave`, `kick`, `role` or `cancel`; more may come. */
  kind: Type.String(),
  from: UserRef,
  clientId: Type.String(),
  /** Milliseconds since 1970 by the store's clock; never falls within a conversation. */
  time: Type.Integer(),
  text: Type.Optional(Type.String()),
  /** Whom it is about: the kicked, the one with the new role, or the owner after one who leaves. */
  target: Type.Optional(UserRef),
  role: Type.Optional(Type.String()),
});
export type WireEntry = Type.Static<typeof entry>;

/** Reads a page, oldest first: up to `limit` entries below `before`, or above `after`; without both the newest. */
export const historyRequest = Type.Object({
  id: RequestId,
  op: Type.Literal('history'),
  conversation: Address,
  before: Type.Optional(SeqNumber),
  after: Type.Optional(SeqNumber),
  limit: Type.Optional(Type.Integer({ minimum: 1 })),
});
export const historyReply = Type.Object({
  entries: Type.Array(entry),
  /** There is more in the direction of reading that this user may see. */
  more: Type.Boolean(),
});
export type HistoryReply = Type.Static<typeof historyReply>;
