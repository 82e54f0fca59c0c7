import type { Ord, Seq, UserId } from '@parley/protocol';
import type { ConversationId, PositionMove } from '../chat/ports/index.ts';

/** An author's own messages, each right after the one before as far as messages count. */
type OwnMove = { -readonly [Key in keyof PositionMove]: PositionMove[Key] } & {
  /** Of the last of them. */
  ord: Ord;
};

/** What waits of one position. */
interface Waiting {
  said: PositionMove | undefined;
  own: OwnMove[];
}

/** Runs of own messages with others' between them; what comes after so many within one second is left out. */
const MOST_RUNS = 4;

const NONE: OwnMove[] = [];

/**
 * Positions that wait to be stored, the latest of each. An author who had read everything before his own message has
 * read that as well; this is noted here and written behind, because touching the member's row in the message's own
 * transaction halved the log's throughput when measured.
 *
 * Pure: no I/O, no time. [POS-1]
 */
export class ReadPositions {
  /** By kind, conversation and account; a key made of the three would be a new string for each message. */
  readonly #waiting: Record<PositionMove['which'], Map<ConversationId, Map<UserId, Waiting>>> = {
    read: new Map(),
    delivered: new Map(),
    classic: new Map(),
  };

  /** The account said so. */
  move(move: Omit<PositionMove, 'base'>): void {
    this.#say({ ...move, base: 0 as Ord });
  }

  /**
   * The account's own message was stored: it moves the read position only if every message before it is read. Entries
   * that are no messages (a join, a kick) do not count as unread, so they do not stand between.
   */
  wrote(user: UserId, conversation: ConversationId, { seq, ord }: { readonly seq: Seq; readonly ord: Ord }): void {
    const waiting = this.#of('read', conversation, user);
    const last = waiting.own.at(-1);
    if (last !== undefined && last.ord === ord - 1) {
      last.to = seq;
      last.ord = ord;
    } else if (waiting.own.length < MOST_RUNS) {
      const run: OwnMove = { user, conversation, which: 'read', to: seq, base: (ord - 1) as Ord, ord };
      if (last === undefined) waiting.own = [run];
      else waiting.own.push(run);
    }
  }

  /** Takes all that waits: what was said first, because own messages count from there. */
  takeAll(): PositionMove[] {
    const taken: PositionMove[] = [];
    for (const conversations of Object.values(this.#waiting)) {
      for (const users of conversations.values()) {
        for (const { said, own } of users.values()) {
          if (said !== undefined) taken.push(said);
          taken.push(...own);
        }
      }
      conversations.clear();
    }
    return taken;
  }

  /** Puts back what could not be stored. */
  putBack(moves: readonly PositionMove[]): void {
    for (const move of moves.toReversed()) {
      if (isOwn(move)) this.#putBackOwn(move);
      else this.#say(move);
    }
  }

  /** It is older than what has come meanwhile. */
  #putBackOwn(move: OwnMove): void {
    const waiting = this.#of(move.which, move.conversation, move.user);
    const [next, ...later] = waiting.own;
    if (next === undefined || next.base > move.ord) waiting.own = [move, ...waiting.own].slice(0, MOST_RUNS);
    else waiting.own = [{ ...next, base: move.base }, ...later];
  }

  #say(move: PositionMove): void {
    const waiting = this.#of(move.which, move.conversation, move.user);
    if (waiting.said === undefined || move.to > waiting.said.to) waiting.said = move;
  }

  #of(which: PositionMove['which'], conversation: ConversationId, user: UserId): Waiting {
    const conversations = this.#waiting[which];
    let users = conversations.get(conversation);
    if (users === undefined) {
      users = new Map();
      conversations.set(conversation, users);
    }
    let waiting = users.get(user);
    if (waiting === undefined) {
      waiting = { said: undefined, own: NONE };
      users.set(user, waiting);
    }
    return waiting;
  }
}

function isOwn(move: PositionMove): move is OwnMove {
  return 'ord' in move;
}
