import { type GroupId, NAME_RULE_VERSION, type Ord, type Seq, type Tag } from '@parley/protocol';
import type { ConversationStore, GroupCreation, NewGroup } from '../../chat/ports/conversation-store.ts';
import type { ConversationId } from '../../chat/ports/records.ts';
import { groupConversation } from '../conversation-row.ts';
import { randomTag } from '../random-tag.ts';
import { insertEntries } from './entry-rows.ts';
import { MembershipChanges } from './membership-changes.ts';
import { Revisions } from './revisions.ts';
import { keyBytes } from './sql.ts';
import type { StateWriters } from './state-writers.ts';
import { NOW_MS, type Transaction } from './transaction.ts';

/**
 * Makes groups, each with its first entry and its owner; the same client id gets the first group. [SEND-2]
 * Two that make the same one at once meet at a unique key: the later is done again, and then finds what is there.
 */
export function createGroups(writers: StateWriters, shiftMs: () => number): Pick<ConversationStore, 'createGroup'> {
  return {
    createGroup: (group) =>
      writers.transact(async (transaction) => {
        const revisions = await Revisions.lock(transaction, [group.creator]);
        const found = await findMade(transaction, group);
        if (found !== undefined) return found;
        const taken = await transaction.rows<readonly [number, number]>(
          `SELECT COUNT(*), ${NOW_MS} FROM chat_group WHERE name_key = ?`,
          [keyBytes(group.key)],
        );
        const [count = 0, nowMs = 0] = taken[0] ?? [];
        if (count > 0) return { state: 'name_taken' };
        return make(transaction, group, { revisions, nowMs: nowMs + shiftMs() });
      }),
  };
}

async function findMade(
  transaction: Transaction,
  { creator, clientId, hash }: NewGroup,
): Promise<GroupCreation | undefined> {
  const rows = await transaction.rows<readonly [ConversationId, GroupId, name: string, hash: number, Tag]>(
    `SELECT c.id, g.id, g.name, g.hash, e.tag
     FROM chat_group g JOIN conversation c ON c.group_id = g.id JOIN entry e ON e.conversation = c.id AND e.seq = 1
     WHERE g.client_id = ? AND g.creator = ?`,
    [clientId, creator],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const [id, group, name, before, tag] = row;
  if (before !== hash) return { state: 'id_conflict' };
  return { state: 'repeated', conversation: groupConversation(id, group), name, cursor: { seq: 1 as Seq, tag } };
}

interface Making {
  readonly revisions: Revisions;
  readonly nowMs: number;
}

async function make(transaction: Transaction, wanted: NewGroup, { revisions, nowMs }: Making): Promise<GroupCreation> {
  const { creator, name, key, description, clientId, hash } = wanted;
  const group = (await transaction.run(
    `INSERT INTO chat_group (name, name_key, key_rule, description, creator, client_id, hash)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    [name, keyBytes(key), NAME_RULE_VERSION, description, creator, clientId, hash],
  )) as GroupId;
  const id = (await transaction.run('INSERT INTO conversation (group_id) VALUES (?)', [group])) as ConversationId;
  const place = { conversation: id, seq: 1 as Seq, ord: 0 as Ord, tag: randomTag() };
  transaction.defer('INSERT INTO head (conversation, seq, ord, tag, time, rules) VALUES (?, ?, ?, ?, ?, ?)', [
    id,
    place.seq,
    place.ord,
    place.tag,
    nowMs,
    randomTag(),
  ]);
  const said = { text: null, target: null, role: 'owner' } as const;
  await insertEntries(transaction, [
    { ...place, kind: 'create', author: creator, clientId, hash, time: nowMs, ...said },
  ]);
  const changes = new MembershipChanges();
  changes.add(place, { user: creator, does: 'enter', role: 'owner' }, false);
  changes.write(transaction, revisions);
  transaction.tell({ heads: [place], users: revisions.flush(transaction) });
  const cursor = { seq: place.seq, tag: place.tag };
  return { state: 'created', conversation: groupConversation(id, group), name, cursor };
}
