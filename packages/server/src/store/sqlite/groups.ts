import type { DatabaseSync } from 'node:sqlite';
import { type GroupId, NAME_RULE_VERSION, type Ord, type Seq, type Tag } from '@parley/protocol';
import type { ConversationStore, GroupCreation, NewGroup } from '../../chat/ports/conversation-store.ts';
import type { ConversationId } from '../../chat/ports/records.ts';
import { groupConversation } from '../conversation-row.ts';
import { randomTag } from '../random-tag.ts';
import type { LogParts } from './log-writer.ts';
import { insertedId, keyBytes, prepare } from './statement.ts';
import type { Sync } from './sync.ts';

export type GroupWrites = Sync<ConversationStore, 'createGroup'>;

interface FoundGroup {
  readonly id: ConversationId;
  readonly groupId: GroupId;
  readonly name: string;
  readonly hash: number;
  readonly tag: Tag;
}

/**
 * Makes a group, its first entry and its owner in one transaction; the same client id gets the first group. [SEND-2]
 */
export function createGroupWrites(db: DatabaseSync, parts: LogParts): GroupWrites {
  const byClientId = prepare<FoundGroup>(
    db,
    `SELECT c.id, g.id AS groupId, g.name, g.hash, e.tag
     FROM chat_group g JOIN conversation c ON c.group_id = g.id
       JOIN entry e ON e.client_id = g.client_id AND e.conversation = c.id AND e.author = g.creator
     WHERE g.client_id = ? AND g.creator = ?`,
  );
  const insertGroup = prepare(
    db,
    `INSERT INTO chat_group (name, name_key, key_rule, description, creator, client_id, hash)
     VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name_key) DO NOTHING`,
  );
  const insertConversation = prepare(db, 'INSERT INTO conversation (group_id) VALUES (?)');

  function make({ creator, name, key, description, clientId, hash }: NewGroup): GroupCreation {
    const inserted = insertGroup.run(name, keyBytes(key), NAME_RULE_VERSION, description, creator, clientId, hash);
    if (inserted.changes === 0) return { state: 'name_taken' };
    const group = insertedId(inserted) as GroupId;
    const id = insertedId(insertConversation.run(group)) as ConversationId;
    const place = { conversation: id, seq: 1 as Seq, ord: 0 as Ord, tag: randomTag() };
    const said = { text: null, target: null, role: 'owner' } as const;
    parts.log.append({ ...place, kind: 'create', author: creator, clientId, hash, time: parts.now(), ...said });
    parts.members.apply(place, [{ user: creator, does: 'enter', role: 'owner' }]);
    const cursor = { seq: place.seq, tag: place.tag };
    return { state: 'created', conversation: groupConversation(id, group), name, cursor };
  }

  return {
    createGroup: (group) =>
      parts.write(() => {
        const found = byClientId.get(group.clientId, group.creator);
        if (found === undefined) return make(group);
        if (found.hash !== group.hash) return { state: 'id_conflict' };
        const conversation = groupConversation(found.id, found.groupId);
        return { state: 'repeated', conversation, name: found.name, cursor: { seq: 1 as Seq, tag: found.tag } };
      }),
  };
}
