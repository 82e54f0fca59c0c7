import type { UserId } from '@parley/protocol';
import type { ContactStore, EdgeChange } from '../../chat/ports/contact-store.ts';
import type { ConversationId } from '../../chat/ports/records.ts';
import {
  CONTACT_COLUMNS,
  CONTACT_EXISTS,
  CONTACT_TABLES,
  type ContactRow,
  contactRecord,
  type EdgeRow,
  NO_EDGE,
} from '../contact-row.ts';
import { changeRules, type LockedHead, lockHeads, writeHeads } from './locked-heads.ts';
import type { ReadLinks } from './read-links.ts';
import { Revisions } from './revisions.ts';
import { Overtaken, type StateWriters } from './state-writers.ts';
import type { Transaction } from './transaction.ts';

/** Edges between people. Lists without tombstones; a change holds the lock of the two people's conversation. */
export function createContacts(links: ReadLinks, writers: StateWriters): ContactStore {
  return {
    async listContacts(owner, after, limit) {
      const rows = await links.rows<ContactRow & { readonly blockedMe: number }>(
        `SELECT ${CONTACT_COLUMNS}, COALESCE(back.blocked, 0) AS blockedMe FROM ${CONTACT_TABLES}
         WHERE k.owner = ? AND k.peer > ? AND ${CONTACT_EXISTS} ORDER BY k.peer LIMIT ?`,
        [owner, after, limit],
      );
      return rows.map((row) => ({ ...contactRecord(row), blockedMe: row.blockedMe === 1 }));
    },
    async listParted(owner, after, last) {
      const rows = await links.rows<{ readonly peer: UserId }>(
        `SELECT k.peer FROM ${CONTACT_TABLES}
         WHERE k.owner = ? AND k.peer > ? AND k.peer <= ? AND (k.blocked = 1 OR back.blocked = 1)`,
        [owner, after, last],
      );
      return rows.map(({ peer }) => peer);
    },
    async setEdge(owner, peer, change) {
      if (owner === peer) return false;
      return writers.transact((transaction) => setEdge(transaction, [owner, peer], change));
    },
  };
}

type Pair = readonly [owner: UserId, peer: UserId];

/** Both directions have a row from the first change on, so that each side's copy has a row to carry a revision. */
async function setEdge(
  transaction: Transaction,
  [owner, peer]: Pair,
  change: EdgeChange,
): Promise<boolean | 'blocked'> {
  const head = await lockDirect(transaction, [owner, peer]);
  const revisions = await Revisions.lock(transaction, [owner, peer]);
  if (!revisions.has(owner) || !revisions.has(peer)) return false;
  // Nobody makes one while we hold both people.
  if (head === undefined && (await findDirect(transaction, [owner, peer])) !== undefined) throw new Overtaken();
  const edges = await readEdges(transaction, [owner, peer]);
  const { edge = NO_EDGE, back = NO_EDGE } = edges;
  if (change.added === true && back.blocked === 1) return 'blocked';
  const added = Number(change.added ?? edge.added === 1);
  const blocked = Number(change.blocked ?? edge.blocked === 1);
  if (added === edge.added && blocked === edge.blocked) return false;
  putEdge(transaction, [owner, peer, added, blocked, revisions.next(owner)], edges.edge);
  putEdge(transaction, [peer, owner, back.added, back.blocked, revisions.next(peer)], edges.back);
  if (head !== undefined && blocked !== edge.blocked) {
    changeRules(head);
    writeHeads(transaction, [head]);
  }
  transaction.tell({ users: revisions.flush(transaction) });
  return true;
}

/** Locks the head of two people's conversation; undefined when they have none. */
async function lockDirect(transaction: Transaction, pair: Pair): Promise<LockedHead | undefined> {
  const id = await findDirect(transaction, pair);
  if (id === undefined) return undefined;
  return (await lockHeads(transaction, [id])).heads.get(id);
}

/** Finds two people's conversation. */
export async function findDirect(transaction: Transaction, [one, other]: Pair): Promise<ConversationId | undefined> {
  const rows = await transaction.rows<readonly [ConversationId]>(
    'SELECT id FROM conversation WHERE low = ? AND high = ?',
    [Math.min(one, other), Math.max(one, other)],
  );
  return rows[0]?.[0];
}

interface Edges {
  readonly edge: EdgeRow | undefined;
  readonly back: EdgeRow | undefined;
}

/** Both directions between two people. */
export async function readEdges(transaction: Transaction, [owner, peer]: Pair): Promise<Edges> {
  const rows = await transaction.rows<readonly [owner: UserId, added: number, blocked: number]>(
    'SELECT owner, added, blocked FROM contact WHERE (owner, peer) IN ((?, ?), (?, ?))',
    [owner, peer, peer, owner],
  );
  const of = (user: UserId): EdgeRow | undefined => {
    const row = rows.find(([each]) => each === user);
    return row && { added: row[1], blocked: row[2] };
  };
  return { edge: of(owner), back: of(peer) };
}

function putEdge(
  transaction: Transaction,
  [owner, peer, added, blocked, rev]: readonly [...Pair, number, number, number],
  before: EdgeRow | undefined,
): void {
  if (before === undefined) {
    const sql = 'INSERT INTO contact (owner, peer, added, blocked, rev) VALUES (?, ?, ?, ?, ?)';
    transaction.defer(sql, [owner, peer, added, blocked, rev]);
  } else {
    const sql = 'UPDATE contact SET added = ?, blocked = ?, rev = ? WHERE owner = ? AND peer = ?';
    transaction.defer(sql, [added, blocked, rev, owner, peer]);
  }
}
