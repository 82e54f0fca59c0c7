import type { Ord, Seq, Tag, UserId } from '@parley/protocol';
import type { ConversationStore, GroupRecord, MemberRecord } from '../../chat/ports/conversation-store.ts';
import type { Conversation, ConversationId, Head, Membership } from '../../chat/ports/records.ts';
import { CONVERSATION_COLUMNS, type ConversationRow, conversationOf, groupConversation } from '../conversation-row.ts';
import { roleOf } from '../roles.ts';
import type { ReadLinks } from './read-links.ts';
import { keyBytes, placeholders } from './sql.ts';

type ConversationReads = Pick<
  ConversationStore,
  | 'findConversation'
  | 'findDirect'
  | 'findGroup'
  | 'findGroupByKey'
  | 'members'
  | 'memberships'
  | 'membership'
  | 'heads'
>;

/** Finds conversations and who is in them. Each is one statement, and so sees one state. */
export function createConversationReads(links: ReadLinks): ConversationReads {
  async function find(where: string, values: readonly number[]): Promise<Conversation | undefined> {
    const row = await links.first<ConversationRow>(
      `SELECT ${CONVERSATION_COLUMNS} FROM conversation c WHERE ${where}`,
      values,
    );
    return row && conversationOf(row);
  }
  return {
    ...createGroupReads(links),
    ...createMembershipReads(links),
    findConversation: (id) => find('c.id = ?', [id]),
    findDirect: (one, other) => find('c.low = ? AND c.high = ?', [Math.min(one, other), Math.max(one, other)]),
    async members(conversation, after, limit) {
      const rows = await links.rows<{ user: UserId; name: string; role: number }>(
        `SELECT m.user, u.name, m.role FROM member m JOIN user u ON u.id = m.user
         WHERE m.conversation = ? AND m.user > ? AND m.present = 1 ORDER BY m.user LIMIT ?`,
        [conversation, after, limit],
      );
      return rows.map(({ user, name, role }): MemberRecord => ({ user, name, role: roleOf(role) }));
    },
    heads: (conversations) => readHeads(links, conversations),
  };
}

function createGroupReads(links: ReadLinks): Pick<ConversationReads, 'findGroup' | 'findGroupByKey'> {
  type GroupRow = Pick<GroupRecord, 'name' | 'description'> & {
    id: ConversationId;
    groupId: Parameters<ConversationStore['findGroup']>[0];
  };
  async function find(where: string, value: number | Uint8Array): Promise<GroupRecord | undefined> {
    const row = await links.first<GroupRow>(
      `SELECT c.id, g.id AS groupId, g.name, g.description
       FROM chat_group g JOIN conversation c ON c.group_id = g.id WHERE ${where} = ?`,
      [value],
    );
    if (row === undefined) return undefined;
    const { id, groupId, name, description } = row;
    return { conversation: groupConversation(id, groupId), name, description };
  }
  return { findGroup: (group) => find('g.id', group), findGroupByKey: (key) => find('g.name_key', keyBytes(key)) };
}

type MembershipRow = ConversationRow & {
  readonly readSeq: Seq;
  readonly classicSeq: Seq;
  readonly from: Seq | null;
  readonly to: Seq | null;
};

/** Memberships with their stays, past ones too; pages are by conversation id. [VIS-1] */
function createMembershipReads(links: ReadLinks): Pick<ConversationReads, 'memberships' | 'membership'> {
  async function page(user: UserId, after: number, limit: number): Promise<Membership[]> {
    const rows = await links.rows<MembershipRow>(
      `SELECT ${CONVERSATION_COLUMNS}, m.read_seq AS readSeq, m.classic_seq AS classicSeq, s.from_seq AS \`from\`,
         s.to_seq AS \`to\`
       FROM (SELECT conversation, user, read_seq, classic_seq FROM member
             WHERE user = ? AND conversation > ? ORDER BY conversation LIMIT ?) m
         JOIN conversation c ON c.id = m.conversation
         LEFT JOIN stay s ON s.user = m.user AND s.conversation = m.conversation
       ORDER BY c.id, s.from_seq`,
      [user, after, limit],
    );
    return [...Map.groupBy(rows, ({ id }) => id).values()].map(membershipOf);
  }
  return {
    memberships: page,
    async membership(user, conversation) {
      const [found] = await page(user, conversation - 1, 1);
      return found?.conversation.id === conversation ? found : undefined;
    },
  };
}

/** Of one membership's rows, one for each stay. */
function membershipOf(rows: readonly MembershipRow[]): Membership {
  const [first] = rows;
  if (first === undefined) throw new Error('no rows');
  const stays = rows.flatMap(({ from, to }) => (from === null ? [] : [{ from, to }]));
  return { conversation: conversationOf(first), stays, readSeq: first.readSeq, classicSeq: first.classicSeq };
}

/** Before the first entry. */
export const EMPTY_HEAD: Head = { seq: 0 as Seq, ord: 0 as Ord, tag: 0 as Tag };

async function readHeads(links: ReadLinks, conversations: readonly ConversationId[]): Promise<Head[]> {
  if (conversations.length === 0) return [];
  const rows = await links.rows<Head & { readonly conversation: ConversationId }>(
    `SELECT conversation, seq, ord, tag FROM head WHERE conversation IN ${placeholders(conversations.length)}`,
    conversations,
  );
  const heads = new Map(rows.map(({ conversation, seq, ord, tag }) => [conversation, { seq, ord, tag }]));
  return conversations.map((conversation) => heads.get(conversation) ?? EMPTY_HEAD);
}
