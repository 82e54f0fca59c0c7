import type { DatabaseSync } from 'node:sqlite';
import type { Seq } from '@parley/protocol';
import type { ConversationStore } from '../../chat/ports/conversation-store.ts';
import type { ConversationId, Membership, Stay } from '../../chat/ports/records.ts';
import { CONVERSATION_COLUMNS, type ConversationRow, conversationOf } from '../conversation-row.ts';
import { prepare } from './statement.ts';
import type { Sync } from './sync.ts';
import type { Read } from './transaction.ts';

export type MembershipReads = Sync<ConversationStore, 'memberships' | 'membership'>;

type MembershipRow = ConversationRow & { readonly readSeq: Seq; readonly classicSeq: Seq };
type StayRow = Stay & { readonly conversation: ConversationId };

/** Memberships with their stays, past ones too, in one snapshot; pages are by conversation id. [VIS-1] */
export function createMembershipReads(db: DatabaseSync, read: Read): MembershipReads {
  const page = prepare<MembershipRow>(
    db,
    `SELECT ${CONVERSATION_COLUMNS}, m.read_seq AS readSeq, m.classic_seq AS classicSeq
     FROM member m JOIN conversation c ON c.id = m.conversation
     WHERE m.user = ? AND m.conversation > ? ORDER BY m.conversation LIMIT ?`,
  );
  const stays = prepare<StayRow>(
    db,
    `SELECT conversation, from_seq AS "from", to_seq AS "to" FROM stay
     WHERE user = ? AND conversation > ? AND conversation <= ? ORDER BY conversation, from_seq`,
  );
  return {
    memberships: (user, after, limit) =>
      read(() => {
        const rows = page.all(user, after, limit);
        const last = rows.at(-1)?.id ?? after;
        return joinStays(rows, stays.all(user, after, last));
      }),
    membership: (user, conversation) =>
      read(() => {
        const rows = page.all(user, conversation - 1, 1).filter(({ id }) => id === conversation);
        return joinStays(rows, stays.all(user, conversation - 1, conversation))[0];
      }),
  };
}

function joinStays(rows: readonly MembershipRow[], stays: readonly StayRow[]): Membership[] {
  const byConversation = Map.groupBy(stays, ({ conversation }) => conversation);
  return rows.map((row) => ({
    conversation: conversationOf(row),
    stays: (byConversation.get(row.id) ?? []).map(({ from, to }) => ({ from, to })),
    readSeq: row.readSeq,
    classicSeq: row.classicSeq,
  }));
}
