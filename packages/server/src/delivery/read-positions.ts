import type { Seq, UserId } from '@parley/protocol';
import type { ConversationId, PositionMove } from '../chat/ports/index.ts';

/**
 * Positions that wait to be stored, the latest of each. An author who had read everything before his own message has
 * read that as well; this is noted here and written behind, because touching the member's row in the message's own
 * transaction halved the log's throughput when measured.
 *
 * Pure: no I/O, no time. [POS-1]
 */
export class ReadPositions {
  /** By kind, conversation and account; a key made of the three would be a new string for each message. */
  readonly #moves: Record<PositionMove['which'], Map<ConversationId, Map<UserId, PositionMove>>> = {
    read: new Map(),
    delivered: new Map(),
    classic: new Map(),
  };

  /** The account said so. */
  move(move: Omit<PositionMove, 'base'>): void {
    this.#add({ ...move, base: 0 as Seq });
  }

  /** The account's own message was stored at `seq`: it moves the read position only if that stands right before. */
  wrote(user: UserId, conversation: ConversationId, seq: Seq): void {
    this.#add({ user, conversation, which: 'read', to: seq, base: (seq - 1) as Seq });
  }

  /** Takes all that waits. */
  takeAll(): PositionMove[] {
    const taken: PositionMove[] = [];
    for (const conversations of Object.values(this.#moves)) {
      for (const moves of conversations.values()) taken.push(...moves.values());
      conversations.clear();
    }
    return taken;
  }

  /** Puts back what could not be stored. */
  putBack(moves: readonly PositionMove[]): void {
    for (const move of moves) this.#add(move);
  }

  #add(move: PositionMove): void {
    const conversations = this.#moves[move.which];
    const moves = conversations.get(move.conversation);
    if (moves === undefined) {
      conversations.set(move.conversation, new Map([[move.user, move]]));
      return;
    }
    const waiting = moves.get(move.user);
    moves.set(move.user, waiting === undefined ? move : join(waiting, move));
  }
}

/**
 * What two moves of one position come to. Those that meet are one; what follows a hole is dropped, for the base before
 * the hole is the one that counts.
 */
function join(one: PositionMove, other: PositionMove): PositionMove {
  const [low, high] = one.base <= other.base ? [one, other] : [other, one];
  return high.base <= low.to && high.to > low.to ? { ...low, to: high.to } : low;
}
