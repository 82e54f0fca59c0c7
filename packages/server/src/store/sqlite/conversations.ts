import type { DatabaseSync } from 'node:sqlite';
import type { GroupId, UserId } from '@parley/protocol';
import type { ConversationStore, GroupRecord, MemberRecord } from '../../chat/ports/conversation-store.ts';
import type { ConversationId } from '../../chat/ports/records.ts';
import { CONVERSATION_COLUMNS, type ConversationRow, conversationOf, groupConversation } from '../conversation-row.ts';
import { roleOf } from '../roles.ts';
import { keyBytes, prepare } from './statement.ts';
import type { Sync } from './sync.ts';
import type { Read } from './transaction.ts';

export type ConversationReads = Sync<
  ConversationStore,
  'findConversation' | 'findDirect' | 'findGroup' | 'findGroupByKey' | 'members'
>;

/** Finds conversations and their present members, each in one snapshot. The two people may be named in any order. */
export function createConversationReads(db: DatabaseSync, read: Read): ConversationReads {
  const byId = prepare<ConversationRow>(db, `SELECT ${CONVERSATION_COLUMNS} FROM conversation c WHERE c.id = ?`);
  const byPair = prepare<ConversationRow>(
    db,
    `SELECT ${CONVERSATION_COLUMNS} FROM conversation c WHERE c.low = ? AND c.high = ?`,
  );
  const members = prepare<{ user: UserId; name: string; role: number }>(
    db,
    `SELECT m.user, u.name, m.role FROM member m JOIN user u ON u.id = m.user
     WHERE m.conversation = ? AND m.user > ? AND m.present = 1 ORDER BY m.user LIMIT ?`,
  );
  const memberOf = ({ user, name, role }: { user: UserId; name: string; role: number }): MemberRecord => ({
    user,
    name,
    role: roleOf(role),
  });
  const optional = (row: ConversationRow | undefined) => (row === undefined ? undefined : conversationOf(row));
  return {
    ...createGroupReads(db, read),
    findConversation: (id) => read(() => optional(byId.get(id))),
    findDirect: (one, other) => read(() => optional(byPair.get(Math.min(one, other), Math.max(one, other)))),
    members: (conversation, after, limit) => read(() => members.all(conversation, after, limit).map(memberOf)),
  };
}

interface GroupRow {
  readonly id: ConversationId;
  readonly groupId: GroupId;
  readonly name: string;
  readonly description: string;
}

function createGroupReads(db: DatabaseSync, read: Read): Sync<ConversationStore, 'findGroup' | 'findGroupByKey'> {
  const select = `SELECT c.id, g.id AS groupId, g.name, g.description
    FROM chat_group g JOIN conversation c ON c.group_id = g.id`;
  const byNumber = prepare<GroupRow>(db, `${select} WHERE g.id = ?`);
  const byKey = prepare<GroupRow>(db, `${select} WHERE g.name_key = ?`);
  function recordOf(row: GroupRow | undefined): GroupRecord | undefined {
    if (row === undefined) return undefined;
    const { id, groupId, name, description } = row;
    return { conversation: groupConversation(id, groupId), name, description };
  }
  return {
    findGroup: (group) => read(() => recordOf(byNumber.get(group))),
    findGroupByKey: (key) => read(() => recordOf(byKey.get(keyBytes(key)))),
  };
}
