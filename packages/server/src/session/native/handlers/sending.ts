import type { OutcomeReply } from '@parley/protocol';
import { ChatError } from '../../../chat/chat-error.ts';
import type { Conversation } from '../../../chat/ports/index.ts';
import type { Outcome } from '../../../chat/sending.ts';
import { appendReply } from '../../frames.ts';
import type { Handler } from '../caller.ts';

/** A send itself does not come here: it is the hot path, and native-session.ts takes it without a promise. */
export const outcome: Handler<'outcome'> = async ({ to, clientId }, { me, deps }) => {
  const conversation = await deps.chat.directory.conversation(me.user, to, { open: false });
  if (conversation === undefined) return { state: 'unknown' };
  return outcomeReply(
    conversation,
    await deps.chat.sending.outcome({ user: me.user, name: me.name }, conversation, clientId),
  );
};

/**
 * Stores that this client id is never to be committed, or tells that it is already. [SEND-4]
 * Two people's conversation is made for it when there is none: the send may still be on its way.
 * @throws ChatError no_such_conversation, not_member, bad_client_id
 */
export const cancel: Handler<'cancel'> = async ({ to, clientId }, { me, deps }) => {
  const conversation = await deps.chat.directory.conversation(me.user, to, { open: true });
  if (conversation === undefined) throw new ChatError('no_such_conversation');
  return outcomeReply(conversation, await deps.chat.sending.change(me, conversation, { kind: 'cancel', clientId }));
};

function outcomeReply(conversation: Conversation, found: Outcome): OutcomeReply {
  if (found.state === 'refused') throw new ChatError(found.code);
  if (found.state !== 'committed') return { state: found.state };
  return { state: 'committed', ...appendReply(conversation, found) };
}
