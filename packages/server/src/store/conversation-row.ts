import { formatConversation, type GroupId, type UserId } from '@parley/protocol';
import type { Conversation, ConversationId } from '../chat/ports/records.ts';

/** Columns of a conversation `c` that `conversationOf` takes. */
export const CONVERSATION_COLUMNS = 'c.id, c.low, c.high, c.group_id AS groupId';

/** Two people or a group number: exactly one of the two is there. */
export interface ConversationRow {
  readonly id: ConversationId;
  readonly low: UserId | null;
  readonly high: UserId | null;
  readonly groupId: GroupId | null;
}

/** The row as the port has it, with its address. Throws when it has neither people nor group: the file is damaged. */
export function conversationOf({ id, low, high, groupId }: ConversationRow): Conversation {
  if (groupId !== null) return groupConversation(id, groupId);
  if (low === null || high === null) throw new Error(`conversation ${id} has neither people nor group`);
  return directConversation(id, low, high);
}

/** A group's conversation, whose address is `g` and the group's number. */
export function groupConversation(id: ConversationId, group: GroupId): Conversation & { kind: 'group' } {
  return { kind: 'group', id, address: formatConversation({ kind: 'group', id: group }), group };
}

/** Two people's conversation; `low` must be the smaller number, or the same for who writes to himself. */
export function directConversation(id: ConversationId, low: UserId, high: UserId): Conversation {
  return { kind: 'direct', id, address: formatConversation({ kind: 'direct', low, high }), low, high };
}
