import Type from 'typebox';
import { Person, RequestId, UserRef } from './common.ts';

/** Adds a friend: a directed edge. Both edges make friends; one is a request. */
export const addFriendRequest = Type.Object({ id: RequestId, op: Type.Literal('addFriend'), user: Person });
/** Takes one's own edge away again. */
export const removeFriendRequest = Type.Object({ id: RequestId, op: Type.Literal('removeFriend'), user: Person });
/** From the reply on nothing that the other sends to this user directly is accepted, on any node. */
export const blockRequest = Type.Object({ id: RequestId, op: Type.Literal('block'), user: Person });
export const unblockRequest = Type.Object({ id: RequestId, op: Type.Literal('unblock'), user: Person });

/** One person as the asking user has them. */
export const contact = Type.Object({
  user: UserRef,
  /** The asking user has added them. */
  added: Type.Boolean(),
  /** They have added the asking user. */
  addedMe: Type.Boolean(),
  blocked: Type.Boolean(),
});
export type Contact = Type.Static<typeof contact>;

/** Lists contacts by user id, with presence; `watch` also has their presence pushed to this session. */
export const friendsRequest = Type.Object({
  id: RequestId,
  op: Type.Literal('friends'),
  after: Type.Optional(Type.Integer()),
  watch: Type.Optional(Type.Boolean()),
});
export const friendsReply = Type.Object({
  contacts: Type.Array(
    Type.Object({
      ...contact.properties,
      online: Type.Boolean(),
      lastSeenAt: Type.Union([Type.Integer(), Type.Null()]),
    }),
  ),
  /** Ask again with `after` = the last user id for the rest. */
  more: Type.Boolean(),
});
export type FriendsReply = Type.Static<typeof friendsReply>;
