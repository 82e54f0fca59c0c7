import type { ErrorCode, MemberRole, Ord, Seq, Tag, UserId } from '@parley/protocol';
import { LIMITS } from '@parley/protocol';
import type { AppendRequest, AppendResult, ConversationId, EntryKind, Head } from './ports/records.ts';

/** What is stored under a client id. */
export interface PastEntry {
  readonly kind: EntryKind;
  readonly hash: number;
  readonly seq: Seq;
  readonly ord: Ord;
  readonly tag: Tag;
  readonly time: number;
}

/**
 * The locked rows as the planner needs them. Every answer must be true at the moment of asking, changes of the
 * same batch included: the store applies what was planned before it plans the next request.
 */
export interface AppendView {
  /** The two people of a direct conversation, `group`, or undefined when there is no such conversation. */
  parties(conversation: ConversationId): readonly [low: UserId, high: UserId] | 'group' | undefined;
  /** The end of the log, and the time of its last entry. */
  head(conversation: ConversationId): Head & { readonly time: number };
  /** The role of a present member of a group. */
  role(conversation: ConversationId, user: UserId): MemberRole | undefined;
  /** Whether the user is or ever was a member of a group. */
  wasMember(conversation: ConversationId, user: UserId): boolean;
  hasBlocked(owner: UserId, peer: UserId): boolean;
  past(conversation: ConversationId, author: UserId, clientId: string): PastEntry | undefined;
  memberCount(conversation: ConversationId): number;
  /** Who becomes owner when `leaving` goes: the admin, else the member, who has been there longest. */
  heir(conversation: ConversationId, leaving: UserId): UserId | undefined;
}

/** What the planner may not make itself. */
export interface PlanDraws {
  /** The store's clock in milliseconds. */
  readonly now: number;
  tag(): Tag;
}

/** A row to insert. The conversation's head moves to its seq, ord, tag and time. */
export interface PlannedRow {
  readonly conversation: ConversationId;
  readonly seq: Seq;
  readonly ord: Ord;
  readonly tag: Tag;
  readonly kind: EntryKind;
  readonly author: UserId;
  readonly clientId: string;
  readonly hash: number;
  readonly time: number;
  readonly text: string | null;
  readonly target: UserId | null;
  readonly role: MemberRole | null;
}

/** What a row does to a group's members. `enter` opens a stay at the row's seq, `exit` closes it there. */
export interface MembershipChange {
  readonly user: UserId;
  readonly does: 'enter' | 'exit' | 'role';
  readonly role: MemberRole;
}

/** The plan for one request: its result, and what to write when it is fresh. */
export interface Plan {
  readonly result: AppendResult;
  readonly row?: PlannedRow;
  readonly changes: readonly MembershipChange[];
}

/** What is allowed: changes of members to make with it, and whom the entry is about. */
interface Permit {
  readonly changes: readonly MembershipChange[];
  readonly target: UserId | null;
  readonly role: MemberRole | null;
}

const NOTHING: readonly MembershipChange[] = [];

/**
 * Decides one request under the lock of its conversation's head. The only place where permission to append is
 * judged, for every store alike. [SEND-2] [SEND-3] [ORDER-2] [IDENT-2]
 */
export function planAppend(request: AppendRequest, view: AppendView, draws: PlanDraws): Plan {
  if (view.parties(request.conversation) === undefined) return refuse('no_such_conversation');
  const past = view.past(request.conversation, request.author, request.clientId);
  if (past !== undefined) return repeat(request, past);
  if (request.after !== null && view.past(request.conversation, request.author, request.after) === undefined) {
    return refuse('after_failed');
  }
  const permit = permitOf(request, view);
  if (typeof permit === 'string') return refuse(permit);
  return place(request, permit, { head: view.head(request.conversation), draws });
}

/** A client id that was seen before gets its first outcome, or a refusal when it meant something else. */
function repeat(request: AppendRequest, past: PastEntry): Plan {
  const cancelled = past.kind === 'cancel';
  if (!cancelled && request.kind !== 'cancel' && past.hash !== request.hash) return refuse('id_conflict');
  const { seq, ord, tag, time } = past;
  const state = cancelled ? 'cancelled' : 'committed';
  return { result: { state, fresh: false, seq, ord, tag, prevTag: 0 as Tag, time }, changes: NOTHING };
}

/** What the new row follows, and what it takes from outside. */
interface Place {
  readonly head: ReturnType<AppendView['head']>;
  readonly draws: PlanDraws;
}

function place(request: AppendRequest, permit: Permit, { head, draws }: Place): Plan {
  const row: PlannedRow = {
    conversation: request.conversation,
    seq: (head.seq + 1) as Seq,
    ord: (request.kind === 'message' ? head.ord + 1 : head.ord) as Ord,
    tag: draws.tag(),
    kind: request.kind,
    author: request.author,
    clientId: request.clientId,
    hash: request.hash,
    time: Math.max(draws.now, head.time),
    text: request.text,
    target: permit.target,
    role: permit.role,
  };
  const state = request.kind === 'cancel' ? 'cancelled' : 'committed';
  const { seq, ord, tag, time } = row;
  return { result: { state, fresh: true, seq, ord, tag, prevTag: head.tag, time }, row, changes: permit.changes };
}

function refuse(code: ErrorCode): Plan {
  return { result: { state: 'refused', code }, changes: NOTHING };
}

function permitOf(request: AppendRequest, view: AppendView): Permit | ErrorCode {
  const parties = view.parties(request.conversation);
  if (parties === 'group') return permitInGroup(request, view);
  if (parties === undefined) return 'no_such_conversation';
  const [low, high] = parties;
  if (request.author !== low && request.author !== high) return 'not_member';
  if (request.kind === 'cancel') return PLAIN;
  if (request.kind !== 'message') return 'no_such_group';
  const peer = request.author === low ? high : low;
  return peer !== request.author && view.hasBlocked(peer, request.author) ? 'blocked' : PLAIN;
}

const PLAIN: Permit = { changes: NOTHING, target: null, role: null };

function permitInGroup(request: AppendRequest, view: AppendView): Permit | ErrorCode {
  const { conversation, author } = request;
  const role = view.role(conversation, author);
  switch (request.kind) {
    case 'message':
      return role === undefined ? 'not_member' : PLAIN;
    case 'cancel':
      return view.wasMember(conversation, author) ? PLAIN : 'not_member';
    case 'join':
      return role === undefined ? permitJoin(request, view) : 'already_member';
    case 'leave':
      return role === undefined ? 'not_member' : permitLeave(request, role, view);
    case 'kick':
    case 'role':
      return role === undefined ? 'not_member' : permitOnMember(request, role, view);
  }
}

/** Whoever comes into an empty group owns it, so that none is ever without an owner. [GROUP-2] */
function permitJoin({ conversation, author }: AppendRequest, view: AppendView): Permit | ErrorCode {
  const count = view.memberCount(conversation);
  if (count >= LIMITS.groupMembers) return 'group_full';
  const role = count === 0 ? 'owner' : 'member';
  return { changes: [{ user: author, does: 'enter', role }], target: null, role };
}

/** The owner's leaving names the next one in the same entry. [GROUP-2] */
function permitLeave({ conversation, author }: AppendRequest, role: MemberRole, view: AppendView): Permit {
  const exit: MembershipChange = { user: author, does: 'exit', role: 'member' };
  const heir = role === 'owner' ? view.heir(conversation, author) : undefined;
  if (heir === undefined) return { changes: [exit], target: null, role: null };
  return { changes: [exit, { user: heir, does: 'role', role: 'owner' }], target: heir, role: 'owner' };
}

const RANK: Readonly<Record<MemberRole, number>> = { member: 0, admin: 1, owner: 2 };

function permitOnMember(request: AppendRequest, role: MemberRole, view: AppendView): Permit | ErrorCode {
  const { conversation, author, target, kind } = request;
  if (target === null) return 'no_such_user';
  if (target === author) return 'not_yourself';
  const targetRole = view.role(conversation, target);
  if (targetRole === undefined) return role === 'member' ? 'forbidden' : 'target_not_member';
  if (kind === 'kick') {
    if (RANK[role] <= RANK[targetRole] || role === 'member') return 'forbidden';
    return { changes: [{ user: target, does: 'exit', role: 'member' }], target, role: null };
  }
  if (role !== 'owner' || request.role === null || request.role === 'owner') return 'forbidden';
  return { changes: [{ user: target, does: 'role', role: request.role }], target, role: request.role };
}
