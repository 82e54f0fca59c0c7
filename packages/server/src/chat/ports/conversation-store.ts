import type { GroupId, MemberRole, Ord, Seq, UserId } from '@parley/protocol';
import type { Conversation, ConversationId, Cursor, Head, Membership } from './records.ts';

/** A new group. The client id makes a repeat return the first one; another hash is `id_conflict`. */
export interface NewGroup {
  readonly creator: UserId;
  readonly name: string;
  readonly key: string;
  readonly description: string;
  readonly clientId: string;
  readonly hash: number;
}

/** What became of it. `name` is the stored one; the cursor is that of the group's first entry (kind `create`). */
export type GroupCreation =
  | {
      readonly state: 'created' | 'repeated';
      readonly conversation: Conversation & { kind: 'group' };
      readonly name: string;
      readonly cursor: Cursor;
    }
  | { readonly state: 'name_taken' | 'id_conflict' };

/** A member of a group. */
export interface MemberRecord {
  readonly user: UserId;
  readonly name: string;
  readonly role: MemberRole;
}

/** A group as anyone may see it. */
export interface GroupRecord {
  readonly conversation: Conversation & { kind: 'group' };
  readonly name: string;
  readonly description: string;
}

/** How far one account's position moves; `base`: only if so many messages are read already. */
export interface PositionMove {
  readonly user: UserId;
  readonly conversation: ConversationId;
  readonly which: 'read' | 'delivered' | 'classic';
  readonly to: Seq;
  readonly base: Ord;
}

/** Conversations, who is in them, and how far each account has come. */
export interface ConversationStore {
  findConversation(id: ConversationId): Promise<Conversation | undefined>;
  findDirect(one: UserId, other: UserId): Promise<Conversation | undefined>;
  findGroup(group: GroupId): Promise<GroupRecord | undefined>;
  findGroupByKey(key: string): Promise<GroupRecord | undefined>;
  /**
   * The direct conversation of two users, made when missing, with its empty head and both memberships
   * (one when a user writes to himself); both users' private state gets a new revision when it is made.
   * `blocked` when missing and either has blocked the other; `no_such_user` when one is not there.
   */
  openDirect(one: UserId, other: UserId): Promise<Conversation | 'blocked' | 'no_such_user'>;
  /** Makes a group with its first entry and its owner, in one transaction. */
  createGroup(group: NewGroup): Promise<GroupCreation>;
  /** Memberships, past ones included, by conversation id above `after`, at most `limit`. */
  memberships(user: UserId, after: number, limit: number): Promise<Membership[]>;
  /** One membership, past ones included. */
  membership(user: UserId, conversation: ConversationId): Promise<Membership | undefined>;
  /** Present members by user id above `after`, at most `limit`. */
  members(conversation: ConversationId, after: number, limit: number): Promise<MemberRecord[]>;
  /** Heads of many conversations in one read, in the order asked. */
  heads(conversations: readonly ConversationId[]): Promise<Head[]>;
  /**
   * Moves positions forward in one transaction: capped at the head, never back, `delivered` follows `read`.
   * Each account whose position moved gets a new revision (`classic` is the server's own and gets none);
   * returns those accounts.
   */
  movePositions(moves: readonly PositionMove[]): Promise<UserId[]>;
}
