import type { DatabaseSync } from 'node:sqlite';
import type { MemberRole, UserId } from '@parley/protocol';
import type { MembershipChange, PlannedRow } from '../../chat/append-plan.ts';
import { BoundedCache } from '../../chat/bounded-cache.ts';
import type { ConversationId } from '../../chat/ports/records.ts';
import { roleCode, roleOf } from '../roles.ts';
import { PairCache } from './pair-cache.ts';
import type { Revisions } from './revisions.ts';
import { prepare } from './statement.ts';

/** Groups whose number of members is kept in memory. */
const COUNTS_KEPT = 10_000;

/** Pairs of group and user whose role is kept in memory. */
const ROLES_KEPT = 50_000;

/** Who is in a conversation, as the writer asks and changes it inside a transaction. */
export interface MembershipWriter {
  readonly role: (conversation: ConversationId, user: UserId) => MemberRole | undefined;
  readonly wasMember: (conversation: ConversationId, user: UserId) => boolean;
  readonly memberCount: (conversation: ConversationId) => number;
  readonly heir: (conversation: ConversationId, leaving: UserId) => UserId | undefined;
  /** Does to the members what an entry says, with a new revision for each that it touches. */
  apply(row: Pick<PlannedRow, 'conversation' | 'seq' | 'ord'>, changes: readonly MembershipChange[]): void;
  /** Makes both people of a new direct conversation members from its first entry on. */
  enterDirect(conversation: ConversationId, user: UserId): void;
  forget(): void;
}

/**
 * Keeps roles and counts in memory: whoever rolls back must make it forget. Draws revisions, and leaves writing them
 * to the transaction.
 */
export function createMembershipWriter(db: DatabaseSync, revisions: Revisions): MembershipWriter {
  const heir = prepare<{ user: UserId }>(
    db,
    `SELECT m.user FROM member m
       JOIN stay s ON s.user = m.user AND s.conversation = m.conversation AND s.to_seq IS NULL
     WHERE m.conversation = ? AND m.present = 1 AND m.user <> ?
     ORDER BY m.role DESC, s.from_seq, m.user LIMIT 1`,
  );
  const changes = createMembershipChanges(db, revisions);
  const known = createKnownMembers(db);

  return {
    role(conversation, user) {
      const role = known.roles.get(conversation, user);
      return role === 'none' ? undefined : role;
    },
    wasMember: (conversation, user) => known.everMember(conversation, user),
    memberCount: known.count,
    heir: (conversation, leaving) => heir.get(conversation, leaving)?.user,
    apply(row, list) {
      for (const change of list) {
        known.note(row.conversation, change);
        changes[change.does](row, change);
      }
    },
    enterDirect(conversation, user) {
      changes.enter({ conversation, seq: 1, ord: 0 }, { user, role: 'member' });
    },
    forget: () => known.forget(),
  };
}

/** What memory holds of members. */
function createKnownMembers(db: DatabaseSync) {
  const find = prepare<{ role: number; present: number }>(
    db,
    'SELECT role, present FROM member WHERE conversation = ? AND user = ?',
  );
  const count = prepare<{ n: number }>(db, 'SELECT count(*) AS n FROM member WHERE conversation = ? AND present = 1');
  const roles = new PairCache<MemberRole | 'none'>(ROLES_KEPT, (conversation, user) => {
    const row = find.get(conversation, user);
    return row?.present === 1 ? roleOf(row.role) : 'none';
  });
  const counts = new BoundedCache<ConversationId, number>(COUNTS_KEPT);

  function countOf(conversation: ConversationId): number {
    let known = counts.get(conversation);
    if (known === undefined) {
      known = count.get(conversation)?.n ?? 0;
      counts.set(conversation, known);
    }
    return known;
  }

  return {
    roles,
    count: countOf,
    everMember: (conversation: ConversationId, user: UserId) => find.get(conversation, user) !== undefined,
    /** Call before a change is written. */
    note(conversation: ConversationId, { user, does }: MembershipChange): void {
      const step = { enter: 1, exit: -1, role: 0 }[does];
      counts.set(conversation, countOf(conversation) + step);
      roles.delete(conversation, user);
    },
    forget(): void {
      counts.clear();
      roles.clear();
    },
  };
}

interface At {
  readonly conversation: ConversationId;
  readonly seq: number;
  readonly ord: number;
}

type Who = Pick<MembershipChange, 'user' | 'role'>;

/**
 * Who comes in starts with everything before that entry read, so that unread counts only what is visible since; so
 * does who comes back, even if something of the earlier stay was unread. Positions only move forward by that.
 */
function createMembershipChanges(db: DatabaseSync, revisions: Revisions) {
  const enter = prepare(
    db,
    `INSERT INTO member
       (conversation, user, role, present, read_seq, read_ord, delivered_seq, classic_seq, rev)
     VALUES (?1, ?2, ?3, 1, ?4, ?5, ?4, ?4, ?6)
     ON CONFLICT DO UPDATE SET role = ?3, present = 1, read_seq = ?4, read_ord = ?5, delivered_seq = ?4,
       classic_seq = ?4, rev = ?6`,
  );
  const exit = prepare(db, 'UPDATE member SET role = 0, present = 0, rev = ? WHERE conversation = ? AND user = ?');
  const setRole = prepare(db, 'UPDATE member SET role = ?, rev = ? WHERE conversation = ? AND user = ?');
  const openStay = prepare(db, 'INSERT INTO stay (user, conversation, from_seq) VALUES (?, ?, ?)');
  const closeStay = prepare(db, 'UPDATE stay SET to_seq = ? WHERE user = ? AND conversation = ? AND to_seq IS NULL');
  return {
    enter({ conversation, seq, ord }: At, { user, role }: Who): void {
      enter.run(conversation, user, roleCode(role), seq - 1, ord, revisions.next(user));
      openStay.run(user, conversation, seq);
    },
    exit({ conversation, seq }: At, { user }: Who): void {
      exit.run(revisions.next(user), conversation, user);
      closeStay.run(seq, user, conversation);
    },
    role({ conversation }: At, { user, role }: Who): void {
      setRole.run(roleCode(role), revisions.next(user), conversation, user);
    },
  };
}
