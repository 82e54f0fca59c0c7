import type { Ord, Seq, UserId } from '@parley/protocol';
import type { ConversationStore } from '../../chat/ports/conversation-store.ts';
import type { Conversation, ConversationId } from '../../chat/ports/records.ts';
import { directConversation } from '../conversation-row.ts';
import { randomTag } from '../random-tag.ts';
import { findDirect, readEdges } from './contacts.ts';
import { MembershipChanges } from './membership-changes.ts';
import { Revisions } from './revisions.ts';
import type { StateWriters } from './state-writers.ts';
import type { Transaction } from './transaction.ts';

/** Makes conversations of two people, with an empty head. Whoever makes one holds both people's rows. */
export function createDirects(writers: StateWriters): Pick<ConversationStore, 'openDirect'> {
  return {
    openDirect: (one, other) =>
      writers.transact((transaction) =>
        openDirect(transaction, Math.min(one, other) as UserId, Math.max(one, other) as UserId),
      ),
  };
}

async function openDirect(
  transaction: Transaction,
  low: UserId,
  high: UserId,
): Promise<Conversation | 'blocked' | 'no_such_user'> {
  const before = await findDirect(transaction, [low, high]);
  if (before !== undefined) return directConversation(before, low, high);
  const revisions = await Revisions.lock(transaction, [low, high]);
  const made = await findDirect(transaction, [low, high]);
  if (made !== undefined) return directConversation(made, low, high);
  if (!revisions.has(low) || !revisions.has(high)) return 'no_such_user';
  const { edge, back } = await readEdges(transaction, [low, high]);
  if (low !== high && (edge?.blocked === 1 || back?.blocked === 1)) return 'blocked';
  const id = (await transaction.run('INSERT INTO conversation (low, high) VALUES (?, ?)', [
    low,
    high,
  ])) as ConversationId;
  transaction.defer('INSERT INTO head (conversation, seq, ord, tag, time, rules) VALUES (?, 0, 0, 0, 0, ?)', [
    id,
    randomTag(),
  ]);
  const changes = new MembershipChanges();
  const first = { conversation: id, seq: 1 as Seq, ord: 0 as Ord };
  for (const user of new Set([low, high])) changes.add(first, { user, does: 'enter', role: 'member' }, false);
  changes.write(transaction, revisions);
  transaction.tell({ users: revisions.flush(transaction) });
  return directConversation(id, low, high);
}
