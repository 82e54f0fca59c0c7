import type { DatabaseSync } from 'node:sqlite';
import type { UserId } from '@parley/protocol';
import type { ContactRecord, ContactStore, EdgeChange } from '../../chat/ports/contact-store.ts';
import type { Blocks } from './blocks.ts';
import type { Revisions } from './revisions.ts';
import { prepare } from './statement.ts';
import type { Sync } from './sync.ts';
import type { Read, Write } from './transaction.ts';

/** `k` is the owner's row, `back` that of the other direction. */
export const CONTACT_COLUMNS =
  'k.peer AS user, u.name, u.last_seen AS lastSeenAt, k.added, coalesce(back.added, 0) AS addedMe, k.blocked';

export const CONTACT_TABLES = `contact k JOIN user u ON u.id = k.peer
  LEFT JOIN contact back ON back.owner = k.peer AND back.peer = k.owner`;

/** False for a tombstone. That somebody has blocked the owner is no edge that the owner may see. */
export const CONTACT_EXISTS = '(k.added = 1 OR k.blocked = 1 OR back.added = 1)';

export interface ContactRow {
  readonly user: UserId;
  readonly name: string;
  readonly lastSeenAt: number | null;
  readonly added: number;
  readonly addedMe: number;
  readonly blocked: number;
}

/** The row as the port has it; SQLite has no booleans. */
export function contactRecord({ user, name, lastSeenAt, added, addedMe, blocked }: ContactRow): ContactRecord {
  return { user, name, lastSeenAt, added: added === 1, addedMe: addedMe === 1, blocked: blocked === 1 };
}

export type ContactReads = Sync<ContactStore, 'listContacts'>;

/** Lists in one snapshot, by user id, without tombstones. */
export function createContactReads(db: DatabaseSync, read: Read): ContactReads {
  const list = prepare<ContactRow & { readonly blockedMe: number }>(
    db,
    `SELECT ${CONTACT_COLUMNS}, coalesce(back.blocked, 0) AS blockedMe FROM ${CONTACT_TABLES}
     WHERE k.owner = ? AND k.peer > ? AND ${CONTACT_EXISTS} ORDER BY k.peer LIMIT ?`,
  );
  return {
    listContacts: (owner, after, limit) =>
      read(() => {
        const rows = list.all(owner, after, limit);
        return rows.map((row) => ({ ...contactRecord(row), blockedMe: row.blockedMe === 1 }));
      }),
  };
}

export type ContactWrites = Sync<ContactStore, 'setEdge'>;

interface Edge {
  readonly added: number;
  readonly blocked: number;
}

const NO_EDGE: Edge = { added: 0, blocked: 0 };

/** Both directions have a row from the first change on, so that each side's copy has a row to carry a revision. */
export function createContactWrites(
  db: DatabaseSync,
  write: Write,
  { revisions, blocks }: { revisions: Revisions; blocks: Blocks },
): ContactWrites {
  const find = prepare<Edge>(db, 'SELECT added, blocked FROM contact WHERE owner = ? AND peer = ?');
  const exists = prepare(db, 'SELECT 1 FROM user WHERE id = ?');
  const put = prepare(
    db,
    `INSERT INTO contact (owner, peer, added, blocked, rev) VALUES (?1, ?2, ?3, ?4, ?5)
     ON CONFLICT DO UPDATE SET added = ?3, blocked = ?4, rev = ?5`,
  );

  function putRow(owner: UserId, peer: UserId, { added, blocked }: Edge): void {
    put.run(owner, peer, added, blocked, revisions.next(owner));
    blocks.changed(owner, peer);
  }

  function setEdge(owner: UserId, peer: UserId, change: EdgeChange): boolean | 'blocked' {
    if (owner === peer || exists.get(owner) === undefined || exists.get(peer) === undefined) return false;
    const edge = find.get(owner, peer) ?? NO_EDGE;
    const back = find.get(peer, owner) ?? NO_EDGE;
    if (change.added === true && back.blocked === 1) return 'blocked';
    const wanted = {
      added: Number(change.added ?? edge.added === 1),
      blocked: Number(change.blocked ?? edge.blocked === 1),
    };
    if (wanted.added === edge.added && wanted.blocked === edge.blocked) return false;
    putRow(owner, peer, wanted);
    putRow(peer, owner, back);
    return true;
  }

  return { setEdge: (owner, peer, change) => write(() => setEdge(owner, peer, change)) };
}
