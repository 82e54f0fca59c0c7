import type { DatabaseSync } from 'node:sqlite';
import type { UserId } from '@parley/protocol';
import type { ConversationStore } from '../../chat/ports/conversation-store.ts';
import type { Conversation, ConversationId } from '../../chat/ports/records.ts';
import { directConversation } from '../conversation-row.ts';
import type { LogParts } from './log-writer.ts';
import { insertedId, prepare } from './statement.ts';
import type { Sync } from './sync.ts';

export type DirectWrites = Sync<ConversationStore, 'openDirect'>;

/** A direct conversation needs no head row: without entries its head is (0, 0, 0). */
export function createDirectWrites(db: DatabaseSync, { write, members, blocks }: LogParts): DirectWrites {
  const find = prepare<{ id: ConversationId }>(db, 'SELECT id FROM conversation WHERE low = ? AND high = ?');
  const countUsers = prepare<{ n: number }>(db, 'SELECT count(*) AS n FROM user WHERE id IN (?, ?)');
  const insert = prepare(db, 'INSERT INTO conversation (low, high) VALUES (?, ?)');

  function openDirect(low: UserId, high: UserId): Conversation | 'blocked' | 'no_such_user' {
    const found = find.get(low, high);
    if (found !== undefined) return directConversation(found.id, low, high);
    const people = low === high ? [low] : [low, high];
    if (countUsers.get(low, high)?.n !== people.length) return 'no_such_user';
    if (blocks.has(low, high) || blocks.has(high, low)) return 'blocked';
    const id = insertedId(insert.run(low, high)) as ConversationId;
    for (const user of people) members.enterDirect(id, user);
    return directConversation(id, low, high);
  }

  return {
    openDirect: (one, other) => write(() => (one < other ? openDirect(one, other) : openDirect(other, one))),
  };
}
