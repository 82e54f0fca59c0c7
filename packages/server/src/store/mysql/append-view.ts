import type { MemberRole, UserId } from '@parley/protocol';
import type { AppendView, MembershipChange, PastEntry } from '../../chat/append-plan.ts';
import type { AppendRequest, ConversationId } from '../../chat/ports/records.ts';
import type { GroupMembers } from './group-members.ts';
import type { KnownIds } from './known-ids.ts';
import type { Known, KnownRules, Parties, Standing } from './known-rules.ts';
import type { LockedHead } from './locked-heads.ts';

/** What the view of one transaction stands on. */
export interface ViewParts {
  readonly heads: ReadonlyMap<ConversationId, LockedHead>;
  readonly rules: KnownRules;
  readonly ids: KnownIds;
  /** Present members of groups in which somebody may inherit. */
  readonly members: ReadonlyMap<ConversationId, GroupMembers>;
}

/**
 * The locked rows as the planner asks for them, for one request after the other. What it may ask was read before (see
 * append-loads.ts); anything else is a mistake of ours and throws.
 */
export class BatchView implements AppendView {
  readonly #parts: ViewParts;
  #known: Known | undefined;
  #head: LockedHead | undefined;

  constructor(parts: ViewParts) {
    this.#parts = parts;
  }

  /** What is asked next is about this request's conversation. Returns its head. */
  turnTo({ conversation }: AppendRequest): LockedHead | undefined {
    this.#head = this.#parts.heads.get(conversation);
    this.#known = this.#head === undefined ? undefined : this.#parts.rules.get(conversation);
    return this.#head;
  }

  parties(): Parties | undefined {
    return this.#known?.parties;
  }

  head(): LockedHead {
    return need(this.#head);
  }

  role(_conversation: ConversationId, user: UserId): MemberRole | undefined {
    const standing = this.standing(user);
    return standing === 'past' || standing === 'none' ? undefined : standing;
  }

  wasMember(_conversation: ConversationId, user: UserId): boolean {
    return this.standing(user) !== 'none';
  }

  hasBlocked(owner: UserId): boolean {
    const { parties, blocks } = need(this.#known);
    const { byLow, byHigh } = need(blocks);
    return owner === parties[0] ? byLow : byHigh;
  }

  past(conversation: ConversationId, author: UserId, clientId: string): PastEntry | undefined {
    return this.#parts.ids.get(conversation, author, clientId);
  }

  memberCount(): number {
    return need(need(this.#known).memberCount);
  }

  heir(conversation: ConversationId, leaving: UserId): UserId | undefined {
    return need(this.#parts.members.get(conversation)).heir(leaving);
  }

  standing(user: UserId): Standing {
    return need(need(this.#known).standings.get(user));
  }

  /** Makes the answers true to a change that was planned, at this seq. */
  note({ user, does, role }: MembershipChange, seq: number): void {
    const known = need(this.#known);
    known.standings.set(user, does === 'exit' ? 'past' : role);
    if (known.memberCount !== undefined) known.memberCount += { enter: 1, exit: -1, role: 0 }[does];
    this.#parts.members.get(need(this.#head).conversation)?.note({ user, does, role }, seq);
  }
}

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the planner asked for something that was not read');
  return value;
}
