import type { UserId } from '@parley/protocol';

/** How one user stands to another, with the other direction that concerns them. */
export interface ContactRecord {
  readonly user: UserId;
  readonly name: string;
  readonly lastSeenAt: number | null;
  /** The owner has added them. */
  readonly added: boolean;
  /** They have added the owner. */
  readonly addedMe: boolean;
  /** The owner has blocked them. */
  readonly blocked: boolean;
}

/** A contact with what its owner must not be told, for the rules to judge by. */
export interface JudgedContact extends ContactRecord {
  /** They have blocked the owner. */
  readonly blockedMe: boolean;
}

/** What may change on an edge; what is absent stays. */
export interface EdgeChange {
  readonly added?: boolean;
  readonly blocked?: boolean;
}

/** Directed edges between users. A block is an edge too, and takes the lock of the direct conversation. */
export interface ContactStore {
  /**
   * Changes the edge owner → peer. Both users' private state gets a new revision when something changed.
   * Refused with `blocked` when `added` is wanted while the peer has blocked the owner.
   * Returns whether something changed.
   */
  setEdge(owner: UserId, peer: UserId, change: EdgeChange): Promise<boolean | 'blocked'>;
  /** Contacts with any edge of either side, by user id above `after`, at most `limit`. */
  listContacts(owner: UserId, after: number, limit: number): Promise<JudgedContact[]>;
  /** Whom the owner has blocked and who has blocked the owner, among the users above `after` up to `last`. */
  listParted(owner: UserId, after: number, last: number): Promise<UserId[]>;
}
