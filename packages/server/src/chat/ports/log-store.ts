import type { Seq, UserId } from '@parley/protocol';
import type { AppendRequest, AppendResult, ConversationId, Entry, Head } from './records.ts';

/**
 * Which of a node's two lanes to the store a batch takes. Conversations whose head somebody else keeps locked are set
 * aside, so that all others need not wait for them.
 */
export type LogLane = 'main' | 'aside';

/**
 * How a batch ended.
 * - `done`: committed and durable; a result for each request, in order, and whose private state changed with it.
 *   Undefined: the conversation's head is locked by somebody who does not let go, and this copy is not stored.
 * - `failed`: surely nothing of it is stored; the caller may say so.
 * - `unknown`: the connection was lost in COMMIT. Only `settle` can tell.
 */
export type CommitOutcome =
  | {
      readonly state: 'done';
      readonly results: readonly (AppendResult | undefined)[];
      readonly changed: readonly UserId[];
    }
  | { readonly state: 'failed'; readonly reason: string }
  | { readonly state: 'unknown' };

/**
 * What was found of a batch with unknown outcome, under the locks of the same heads (so that the old transaction
 * is surely over): a result where the client id is there, undefined where it is absent. `unknown`: ask again.
 * Results found are `fresh` with `prevTag` 0: nobody was told of them yet, and telling twice does no harm.
 */
export type SettleOutcome =
  | { readonly state: 'settled'; readonly results: readonly (AppendResult | undefined)[] }
  | { readonly state: 'unknown' };

/** A run of entries by rising seq. */
export interface EntryPage {
  /** The log's end in the same snapshot. */
  readonly head: Head;
  readonly entries: readonly Entry[];
}

/** How much a page may hold: rows, and bytes of text (at least one row comes in any case). */
export interface PageLimit {
  readonly entries: number;
  readonly bytes: number;
}

/** The logs of conversations: the truth. */
export interface LogStore {
  /**
   * Appends a batch in one transaction, in the order given, by the rules of append-plan.ts.
   * Never rejects: what happened is in the outcome. One batch of a lane at a time.
   */
  commit(batch: readonly AppendRequest[], lane: LogLane): Promise<CommitOutcome>;
  /** What became of a lane's last batch, whose commit ended `unknown`; asked before the lane commits again. */
  settle(batch: readonly AppendRequest[], lane: LogLane): Promise<SettleOutcome>;
  /** Entries from `from` on, that one included, so that a reader's own entry comes first and can be judged. */
  readForward(conversation: ConversationId, from: Seq, limit: PageLimit): Promise<EntryPage>;
  /** The last entries below `before`, by rising seq. */
  readBackward(conversation: ConversationId, before: Seq, limit: PageLimit): Promise<EntryPage>;
  /** What is stored under an author's client id, whoever asks; undefined: nothing. */
  findOutcome(conversation: ConversationId, author: UserId, clientId: string): Promise<AppendResult | undefined>;
}
