import type { Seq, Tag, UserId } from '@parley/protocol';
import type { StatePage, StateRow, StateStore, StateVersion } from '../../chat/ports/state-store.ts';
import { CONTACT_COLUMNS, CONTACT_EXISTS, CONTACT_TABLES, type ContactRow, contactRecord } from '../contact-row.ts';
import { CONVERSATION_COLUMNS, type ConversationRow, conversationOf } from '../conversation-row.ts';
import { roleOf } from '../roles.ts';
import { isKnownVersion, parseVersions } from '../versions.ts';
import type { Link } from './link.ts';
import type { ReadLinks } from './read-links.ts';

type Options = Parameters<StateStore['readState']>[2];

const NOTHING: StateVersion = { rev: 0, tag: 0 as Tag };

/**
 * Private state by revision. [STATE-1]
 *
 * A page is `full` when the copy must be dropped before its rows are taken: the version asked from is (0, 0), or is
 * not among those remembered. A full page leaves tombstones out; the pages that follow it are asked for as `paging`
 * and hold them too, because a row may have been removed after an earlier page had shown it.
 */
export function createStateReads(links: ReadLinks): StateStore {
  return {
    readState: (user, since, options) => links.snapshot((link) => readState(link, user, { since, ...options })),
  };
}

async function readState(
  link: Link,
  user: UserId,
  { since, limit, paging }: Options & { readonly since: StateVersion },
): Promise<StatePage> {
  const [found] = await link.rows<{ versions: string }>('SELECT versions FROM user WHERE id = ?', [user]);
  if (found === undefined) return { full: true, rows: [], version: NOTHING, more: false };
  const versions = parseVersions(found.versions);
  const full = since.rev === 0 || !isKnownVersion(versions, since, paging);
  const rows = await readRows(link, { user, after: full ? 0 : since.rev, all: !full, limit: limit + 1 });
  const more = rows.length > limit;
  if (more) rows.length = limit;
  const newest = versions.at(-1) ?? NOTHING;
  const version = more ? { rev: rows.at(-1)?.rev ?? 0, tag: newest.tag } : newest;
  return { full, rows, version, more };
}

interface RowQuery {
  readonly user: UserId;
  /** Rows of higher revisions. */
  readonly after: number;
  /** Tombstones too. */
  readonly all: boolean;
  readonly limit: number;
}

async function readRows(link: Link, query: RowQuery): Promise<StateRow[]> {
  const parts = await Promise.all([readConversations(link, query), readPeople(link, query)]);
  return parts
    .flat()
    .sort((one, other) => one.rev - other.rev)
    .slice(0, query.limit);
}

async function readPeople(link: Link, { user, after, all, limit }: RowQuery): Promise<StateRow[]> {
  const rows = await link.rows<ContactRow & { readonly rev: number }>(
    `SELECT k.rev, ${CONTACT_COLUMNS} FROM ${CONTACT_TABLES}
     WHERE k.owner = ? AND k.rev > ? AND (? = 1 OR ${CONTACT_EXISTS}) ORDER BY k.rev LIMIT ?`,
    [user, after, Number(all), limit],
  );
  return rows.map((row) => ({ row: 'contact', rev: row.rev, contact: contactRecord(row) }));
}

type MemberRow = ConversationRow &
  Pick<
    Extract<StateRow, { row: 'conversation' }>,
    'rev' | 'name' | 'description' | 'readSeq' | 'readOrd' | 'deliveredSeq'
  > & {
    readonly role: number;
    readonly present: number;
    readonly headSeq: Seq;
    readonly headOrd: Extract<StateRow, { row: 'conversation' }>['readOrd'];
  };

async function readConversations(link: Link, { user, after, all, limit }: RowQuery): Promise<StateRow[]> {
  const rows = await link.rows<MemberRow>(
    `SELECT m.rev, ${CONVERSATION_COLUMNS}, COALESCE(g.name, peer.name, '') AS name,
       COALESCE(g.description, '') AS description, m.role, m.present, m.read_seq AS readSeq,
       m.read_ord AS readOrd, m.delivered_seq AS deliveredSeq, h.seq AS headSeq, h.ord AS headOrd
     FROM member m JOIN conversation c ON c.id = m.conversation JOIN head h ON h.conversation = m.conversation
       LEFT JOIN chat_group g ON g.id = c.group_id
       LEFT JOIN user peer ON peer.id = CASE c.low WHEN m.user THEN c.high ELSE c.low END
     WHERE m.user = ? AND m.rev > ? AND (? = 1 OR m.present = 1) ORDER BY m.rev LIMIT ?`,
    [user, after, Number(all), limit],
  );
  return rows.map((row) => ({
    row: 'conversation',
    rev: row.rev,
    conversation: conversationOf(row),
    name: row.name,
    description: row.description,
    role: roleOf(row.role),
    left: row.present === 0,
    head: { seq: row.headSeq, ord: row.headOrd },
    readSeq: row.readSeq,
    readOrd: row.readOrd,
    deliveredSeq: row.deliveredSeq,
  }));
}
