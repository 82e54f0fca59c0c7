import Type from 'typebox';
import { Address, ClientId, ConversationAddress, RequestId } from './common.ts';

/** Appends a message. The reply leaves after the database has committed it. */
export const sendRequest = Type.Object({
  id: RequestId,
  op: Type.Literal('send'),
  to: Address,
  text: Type.String(),
  clientId: ClientId,
  /** Client id of the author's previous send to this conversation: commit only if that one is settled there. */
  after: Type.Optional(ClientId),
});
export type SendRequest = Type.Static<typeof sendRequest>;

/** Answer to everything that appends: where it stands. */
export const appendReply = Type.Object({
  conversation: ConversationAddress,
  seq: Type.Integer(),
  ord: Type.Integer(),
  tag: Type.Integer(),
  time: Type.Integer(),
  /** The client id was committed before; these are the first outcome's numbers. */
  duplicate: Type.Optional(Type.Literal(true)),
});
export type AppendReply = Type.Static<typeof appendReply>;

/** What became of a client id of one's own. Past members may ask. */
export const outcomeRequest = Type.Object({
  id: RequestId,
  op: Type.Literal('outcome'),
  to: Address,
  clientId: ClientId,
});
/** Makes "never" final: stores a tombstone unless the id is committed already. Past members may cancel. */
export const cancelRequest = Type.Object({
  id: RequestId,
  op: Type.Literal('cancel'),
  to: Address,
  clientId: ClientId,
});
/** Answer to `outcome` and `cancel`. `pending` and `unknown` are not yet "never". */
export const outcomeReply = Type.Union([
  Type.Object({ state: Type.Literal('committed'), ...appendReply.properties }),
  Type.Object({ state: Type.Literal('cancelled') }),
  Type.Object({ state: Type.Literal('pending') }),
  Type.Object({ state: Type.Literal('unknown') }),
]);
export type OutcomeReply = Type.Static<typeof outcomeReply>;
