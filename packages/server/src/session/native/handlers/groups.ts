import type { AppendReply } from '@parley/protocol';
import { ChatError } from '../../../chat/chat-error.ts';
import type { Change } from '../../../chat/sending.ts';
import { appendReply, fitRows } from '../../frames.ts';
import type { Caller, Handler } from '../caller.ts';

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

export const join: Handler<'join'> = ({ group, clientId }, caller) => append(group, caller, { kind: 'join', clientId });

export const leave: Handler<'leave'> = ({ group, clientId }, caller) => {
  return append(group, caller, { kind: 'leave', clientId });
};

export const kick: Handler<'kick'> = async ({ group, user, clientId }, caller) => {
  const target = await caller.deps.chat.directory.account(user);
  return append(group, caller, { kind: 'kick', clientId, target: target.id });
};

export const role: Handler<'role'> = async ({ group, user, role: wanted, clientId }, caller) => {
  const target = await caller.deps.chat.directory.account(user);
  return append(group, caller, { kind: 'role', clientId, target: target.id, role: wanted });
};

export const members: Handler<'members'> = async ({ group, after = 0 }, { me, deps }) => {
  const page = await deps.chat.groups.members(me.user, group, after);
  const fitting = fitRows(page.members);
  return { members: fitting, more: page.more || fitting.length < page.members.length };
};
