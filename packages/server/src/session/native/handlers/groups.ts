import type { AppendReply } from '@parley/protocol';
import { ChatError } from '../../../chat/chat-error.ts';
import type { Change } from '../../../chat/sending.ts';
import { appendReply, fitRows } from '../../frames.ts';
import type { Caller, Handler } from '../caller.ts';

/**
 * The caller owns it. A repeat of the client id gets the first group, marked `duplicate`. [SEND-2]
 * @throws ChatError bad_name, bad_client_id, bad_request, name_taken, id_conflict
 */
export const createGroup: Handler<'createGroup'> = async ({ name, description = '', clientId }, { me, deps }) => {
  const created = await deps.chat.groups.create({ creator: me.user, name, description, clientId });
  return {
    conversation: created.conversation.address,
    name: created.name,
    ...created.cursor,
    ...(created.state === 'repeated' && { duplicate: true as const }),
  };
};

async function append(group: string, { me, deps }: Caller, change: Change): Promise<AppendReply> {
  const { conversation } = await deps.chat.directory.group(group);
  const result = await deps.chat.sending.change(me, conversation, change);
  if (result.state === 'refused') throw new ChatError(result.code);
  if (result.state === 'cancelled') throw new ChatError('cancelled');
  return appendReply(conversation, result);
}

/** Anybody may; who comes into an empty group owns it. [GROUP-2] @throws ChatError already_member, group_full */
export const join: Handler<'join'> = ({ group, clientId }, caller) => append(group, caller, { kind: 'join', clientId });

/** When the owner leaves, the next one is named in the same entry. [GROUP-2] @throws ChatError not_member */
export const leave: Handler<'leave'> = ({ group, clientId }, caller) => {
  return append(group, caller, { kind: 'leave', clientId });
};

/**
 * For owners and admins, on members of lower rank. [GROUP-1]
 * @throws ChatError not_member, target_not_member, forbidden, not_yourself
 */
export const kick: Handler<'kick'> = async ({ group, user, clientId }, caller) => {
  const target = await caller.deps.chat.directory.account(user);
  return append(group, caller, { kind: 'kick', clientId, target: target.id });
};

/**
 * For the owner, who cannot make another one: that happens by leaving. [GROUP-1]
 * @throws ChatError not_member, target_not_member, forbidden, not_yourself
 */
export const role: Handler<'role'> = async ({ group, user, role: wanted, clientId }, caller) => {
  const target = await caller.deps.chat.directory.account(user);
  return append(group, caller, { kind: 'role', clientId, target: target.id, role: wanted });
};

/** By user id, after the one given; as many as fit into a frame. @throws ChatError no_such_group, not_member */
export const members: Handler<'members'> = async ({ group, after = 0 }, { me, deps }) => {
  const page = await deps.chat.groups.members(me.user, group, after);
  const fitting = fitRows(page.members);
  return { members: fitting, more: page.more || fitting.length < page.members.length };
};
