import type { MemberRole, UserId } from '@parley/protocol';
import { BoundedCache } from '../../chat/bounded-cache.ts';
import type { ConversationId } from '../../chat/ports/records.ts';

/** Conversations of which something is kept; twice as many at most. */
const KEPT = 50_000;

/** The two people of a direct conversation, or `group`. */
export type Parties = readonly [low: UserId, high: UserId] | 'group';

/** A user's standing in a group. `past`: was a member once. */
export type Standing = MemberRole | 'past' | 'none';

/**
 * What is known of one conversation. Its parties never change; all else is true under `rules`, the number in the row of
 * the head, and is used only while that is the number just locked.
 */
export interface Known {
  readonly parties: Parties;
  rules: number;
  /** Of a group. */
  readonly standings: Map<UserId, Standing>;
  memberCount: number | undefined;
  /** Of two people: whether each has blocked the other. */
  blocks: { readonly byLow: boolean; readonly byHigh: boolean } | undefined;
}

/** What one connection has seen of conversations. Whoever changes it in a transaction that fails must drop it. */
export class KnownRules {
  readonly #known = new BoundedCache<ConversationId, Known>(KEPT);

  get(conversation: ConversationId): Known | undefined {
    return this.#known.get(conversation);
  }

  add(conversation: ConversationId, parties: Parties): void {
    this.#known.set(conversation, {
      parties,
      rules: 0,
      standings: new Map(),
      memberCount: undefined,
      blocks: undefined,
    });
  }

  /** Call when the head is locked: what was read under another number is forgotten. */
  meet(known: Known, rules: number): void {
    if (known.rules === rules) return;
    known.rules = rules;
    known.standings.clear();
    known.memberCount = undefined;
    known.blocks = undefined;
  }

  drop(conversation: ConversationId): void {
    this.#known.delete(conversation);
  }
}
