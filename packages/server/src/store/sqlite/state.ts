import type { DatabaseSync } from 'node:sqlite';
import type { Ord, Seq, Tag, UserId } from '@parley/protocol';
import type { ConversationId, Head } from '../../chat/ports/records.ts';
import type { StatePage, StateRow, StateStore, StateVersion } from '../../chat/ports/state-store.ts';
import { CONTACT_COLUMNS, CONTACT_EXISTS, CONTACT_TABLES, type ContactRow, contactRecord } from '../contact-row.ts';
import { CONVERSATION_COLUMNS, type ConversationRow, conversationOf } from '../conversation-row.ts';
import { roleOf } from '../roles.ts';
import { isKnownVersion, parseVersions } from '../versions.ts';
import { prepare } from './statement.ts';
import type { Sync } from './sync.ts';
import type { Read } from './transaction.ts';

export type StateReads = Sync<StateStore, 'readState'>;

type Options = Parameters<StateStore['readState']>[2];

const NOTHING: StateVersion = { rev: 0, tag: 0 as Tag };

/**
 * Private state by revision. [STATE-1]
 *
 * A page is `full` when the copy must be dropped before its rows are taken: the version asked from is (0, 0), or is
 * not among those remembered. A full page leaves tombstones out (removed contacts, conversations that were left). The
 * pages that follow it are asked for as `paging` and hold tombstones too, because a row may have been removed
 * after an earlier page had shown it.
 */
export function createStateReads(
  db: DatabaseSync,
  read: Read,
  headOf: (conversation: ConversationId) => Head,
): StateReads {
  const counter = prepare<{ rev: number; versions: string }>(db, 'SELECT rev, versions FROM user WHERE id = ?');
  const readRows = createRowReader(db, headOf);

  function readState(user: UserId, since: StateVersion, { limit, paging }: Options): StatePage {
    const found = counter.get(user);
    if (found === undefined) return { full: true, rows: [], version: NOTHING, more: false };
    const versions = parseVersions(found.versions);
    const full = since.rev === 0 || !isKnownVersion(versions, since, paging);
    const rows = readRows({ user, after: full ? 0 : since.rev, all: !full, limit: limit + 1 });
    const more = rows.length > limit;
    if (more) rows.length = limit;
    const newest = versions.at(-1) ?? NOTHING;
    const version = more ? { rev: rows.at(-1)?.rev ?? 0, tag: newest.tag } : newest;
    return { full, rows, version, more };
  }

  return { readState: (user, since, options) => read(() => readState(user, since, options)) };
}

interface RowQuery {
  readonly user: UserId;
  /** Rows of higher revisions. */
  readonly after: number;
  /** Tombstones too. */
  readonly all: boolean;
  readonly limit: number;
}

type RevContact = ContactRow & { readonly rev: number };

function createRowReader(db: DatabaseSync, headOf: (conversation: ConversationId) => Head) {
  const readConversations = createConversationRows(db, headOf);
  const contacts = prepare<RevContact>(
    db,
    `SELECT k.rev, ${CONTACT_COLUMNS} FROM ${CONTACT_TABLES}
     WHERE k.owner = ? AND k.rev > ? AND (? OR ${CONTACT_EXISTS}) ORDER BY k.rev LIMIT ?`,
  );
  return function readRows(query: RowQuery): StateRow[] {
    const { user, after, all, limit } = query;
    const people = contacts
      .all(user, after, Number(all), limit)
      .map((row): StateRow => ({ row: 'contact', rev: row.rev, contact: contactRecord(row) }));
    const rows = [...readConversations(query), ...people].sort((one, other) => one.rev - other.rev);
    return rows.slice(0, limit);
  };
}

type MemberRow = ConversationRow & {
  readonly rev: number;
  readonly name: string;
  readonly description: string;
  readonly role: number;
  readonly present: number;
  readonly readSeq: Seq;
  readonly readOrd: Ord;
  readonly deliveredSeq: Seq;
};

function createConversationRows(db: DatabaseSync, headOf: (conversation: ConversationId) => Head) {
  const members = prepare<MemberRow>(
    db,
    `SELECT m.rev, ${CONVERSATION_COLUMNS}, coalesce(g.name, peer.name, '') AS name,
       coalesce(g.description, '') AS description, m.role, m.present, m.read_seq AS readSeq,
       m.read_ord AS readOrd, m.delivered_seq AS deliveredSeq
     FROM member m JOIN conversation c ON c.id = m.conversation
       LEFT JOIN chat_group g ON g.id = c.group_id
       LEFT JOIN user peer ON peer.id = CASE c.low WHEN m.user THEN c.high ELSE c.low END
     WHERE m.user = ? AND m.rev > ? AND (? OR m.present = 1) ORDER BY m.rev LIMIT ?`,
  );
  return function readConversations({ user, after, all, limit }: RowQuery): StateRow[] {
    return members.all(user, after, Number(all), limit).map((row) => {
      const { seq, ord } = headOf(row.id);
      return {
        row: 'conversation',
        rev: row.rev,
        conversation: conversationOf(row),
        name: row.name,
        description: row.description,
        role: roleOf(row.role),
        left: row.present === 0,
        head: { seq, ord },
        readSeq: row.readSeq,
        readOrd: row.readOrd,
        deliveredSeq: row.deliveredSeq,
      };
    });
  };
}
