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
  /** By account and conversation; at most one move of each kind. */
  #moves = new Map<string, PositionMove>();

  get size(): number {
    return this.#moves.size;
  }

  /** The account said so. Later moves of the same kind take the place of earlier ones that were not yet taken. */
  move({ user, conversation, which, to }: Omit<PositionMove, 'base'>): void {
    const key = `${which[0]}${user}:${conversation}`;
    const waiting = this.#moves.get(key);
    // A run of own messages from `base` on is read as well once everything up to its base is.
    const reaches = waiting !== undefined && waiting.base <= to && waiting.to > to ? waiting.to : to;
    this.#moves.set(key, { user, conversation, which, to: reaches, base: 0 as Seq });
  }

  /**
   * The account's own message was stored at `seq`: it moves the read position only if that stands right before. A run
   * of own messages is one move; what follows a hole is dropped, for the base before the hole is the one that counts.
   */
  wrote(user: UserId, conversation: ConversationId, seq: Seq): void {
    const key = `r${user}:${conversation}`;
    const waiting = this.#moves.get(key);
    if (waiting === undefined) {
      const base = (seq - 1) as Seq;
      this.#moves.set(key, { user, conversation, which: 'read', to: seq, base });
    } else if (waiting.to === seq - 1) {
      this.#moves.set(key, { ...waiting, to: seq });
    }
  }

  /** Takes all that waits, at most `limit`, the oldest first. */
  take(limit: number): PositionMove[] {
    const taken: PositionMove[] = [];
    for (const [key, move] of this.#moves) {
      if (taken.length === limit) break;
      taken.push(move);
      this.#moves.delete(key);
    }
    return taken;
  }

  /** Puts back what could not be stored, unless something newer waits. */
  putBack(moves: readonly PositionMove[]): void {
    for (const move of moves) {
      const key = `${move.which[0]}${move.user}:${move.conversation}`;
      if (!this.#moves.has(key)) this.#moves.set(key, move);
    }
  }
}
