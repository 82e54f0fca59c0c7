import type { DatabaseSync } from 'node:sqlite';
import type { UserId } from '@parley/protocol';
import type { ContactStore, EdgeChange } from '../../chat/ports/contact-store.ts';
import {
  CONTACT_COLUMNS,
  CONTACT_EXISTS,
  CONTACT_TABLES,
  type ContactRow,
  contactRecord,
  type EdgeRow,
  NO_EDGE,
} from '../contact-row.ts';
import type { Blocks } from './blocks.ts';
import type { Revisions } from './revisions.ts';
import { prepare } from './statement.ts';
import type { Sync } from './sync.ts';
import type { Read, Write } from './transaction.ts';

export type ContactReads = Sync<ContactStore, 'listContacts' | 'listParted'>;

/** Lists in one snapshot, by user id, without tombstones. */
export function createContactReads(db: DatabaseSync, read: Read): ContactReads {
  const list = prepare<ContactRow & { readonly blockedMe: number }>(
    db,
    `SELECT ${CONTACT_COLUMNS}, coalesce(back.blocked, 0) AS blockedMe FROM ${CONTACT_TABLES}
     WHERE k.owner = ? AND k.peer > ? AND ${CONTACT_EXISTS} ORDER BY k.peer LIMIT ?`,
  );
  const parted = prepare<{ readonly peer: UserId }>(
    db,
    `SELECT k.peer FROM ${CONTACT_TABLES}
     WHERE k.owner = ? AND k.peer > ? AND k.peer <= ? AND (k.blocked = 1 OR back.blocked = 1)`,
  );
  return {
    listParted: (owner, after, last) => read(() => parted.all(owner, after, last).map(({ peer }) => peer)),
    listContacts: (owner, after, limit) =>
      read(() => {
        const rows = list.all(owner, after, limit);
        return rows.map((row) => ({ ...contactRecord(row), blockedMe: row.blockedMe === 1 }));
      }),
  };
}

export type ContactWrites = Sync<ContactStore, 'setEdge'>;

/** Both directions have a row from the first change on, so that each side's copy has a row to carry a revision. */
export function createContactWrites(
  db: DatabaseSync,
  write: Write,
  { revisions, blocks }: { revisions: Revisions; blocks: Blocks },
): ContactWrites {
  const find = prepare<EdgeRow>(db, 'SELECT added, blocked FROM contact WHERE owner = ? AND peer = ?');
  const exists = prepare(db, 'SELECT 1 FROM user WHERE id = ?');
  const put = prepare(
    db,
    `INSERT INTO contact (owner, peer, added, blocked, rev) VALUES (?1, ?2, ?3, ?4, ?5)
     ON CONFLICT DO UPDATE SET added = ?3, blocked = ?4, rev = ?5`,
  );

  function putRow(owner: UserId, peer: UserId, { added, blocked }: EdgeRow): void {
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
