import type { UserId } from '@parley/protocol';
import type { ContactRecord } from '../chat/ports/contact-store.ts';

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

/** The row as the port has it; the databases have no booleans. */
export function contactRecord({ user, name, lastSeenAt, added, addedMe, blocked }: ContactRow): ContactRecord {
  return { user, name, lastSeenAt, added: added === 1, addedMe: addedMe === 1, blocked: blocked === 1 };
}

/** One direction as a table holds it. */
export interface EdgeRow {
  readonly added: number;
  readonly blocked: number;
}

export const NO_EDGE: EdgeRow = { added: 0, blocked: 0 };
