import Type from 'typebox';
import { ClientId, ConversationAddress, MemberRole, Person, RequestId, UserRef } from './common.ts';

const group = Type.String();

/** Makes a group whose owner is the session's user. A repeat of the client id returns the first one. */
export const createGroupRequest = Type.Object({
  id: RequestId,
  op: Type.Literal('createGroup'),
  name: Type.String(),
  description: Type.Optional(Type.String()),
  clientId: ClientId,
});
export const createGroupReply = Type.Object({
  conversation: ConversationAddress,
  name: Type.String(),
  seq: Type.Integer(),
  tag: Type.Integer(),
  duplicate: Type.Optional(Type.Literal(true)),
});
export type CreateGroupReply = Type.Static<typeof createGroupReply>;

/** Joins a group: `#name` or `g7`. Answered as a send is. */
export const joinRequest = Type.Object({ id: RequestId, op: Type.Literal('join'), group, clientId: ClientId });
/** Leaves a group. When the owner leaves, the oldest admin, else the oldest member, becomes owner. */
export const leaveRequest = Type.Object({ id: RequestId, op: Type.Literal('leave'), group, clientId: ClientId });
/** Puts a member of a lower role out. */
export const kickRequest = Type.Object({
  id: RequestId,
  op: Type.Literal('kick'),
  group,
  user: Person,
  clientId: ClientId,
});
/** Makes a member admin or an admin member; owners only. */
export const roleRequest = Type.Object({
  id: RequestId,
  op: Type.Literal('role'),
  group,
  user: Person,
  role: Type.Union([Type.Literal('admin'), Type.Literal('member')]),
  clientId: ClientId,
});

/** Lists a group's members by user id; members only. */
export const membersRequest = Type.Object({
  id: RequestId,
  op: Type.Literal('members'),
  group,
  after: Type.Optional(Type.Integer()),
});
export const membersReply = Type.Object({
  members: Type.Array(Type.Object({ user: UserRef, role: MemberRole, online: Type.Boolean() })),
  more: Type.Boolean(),
});
export type MembersReply = Type.Static<typeof membersReply>;
