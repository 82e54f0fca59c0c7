import { asSeq, type Seq } from '@parley/protocol';
import { ChatError } from '../../../chat/chat-error.ts';
import type { Caller, Handler } from '../caller.ts';

async function move(where: string, to: number, caller: Caller & { which: 'read' | 'delivered' }): Promise<object> {
  const { me, deps, which } = caller;
  const seq: Seq | undefined = asSeq(to);
  if (seq === undefined) throw new ChatError('bad_request', { hint: 'seq is not a place in a conversation' });
  const conversation = await deps.chat.directory.existing(me.user, where);
  await deps.delivery.movePosition({ user: me.user, conversation: conversation.id, which, to: seq });
  return {};
}

/**
 * Answered when it is stored. A seq below the position changes nothing, one above the head counts as the head. [POS-1]
 * @throws ChatError bad_request, no_such_conversation
 */
export const read: Handler<'read'> = ({ conversation, seq }, caller) => {
  return move(conversation, seq, { ...caller, which: 'read' });
};

/** The same, for entries that a device has and nobody may have read yet. [POS-1] */
export const delivered: Handler<'delivered'> = ({ conversation, seq }, caller) => {
  return move(conversation, seq, { ...caller, which: 'delivered' });
};
