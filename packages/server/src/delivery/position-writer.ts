import type { Ord, Seq, UserId } from '@parley/protocol';
import type { Clock, ConversationId, ConversationStore, PositionMove } from '../chat/ports/index.ts';
import { ReadPositions } from './read-positions.ts';

/** How long an author's own reading of his own messages may wait to be stored, in milliseconds. */
const OWN_DELAY_MS = 1_000;
/** Moves of one transaction. */
const MOVES_AT_ONCE = 500;
/** Pause after the store refused, in milliseconds. */
const RETRY_MS = 250;

/** What the writer needs and tells. */
export interface PositionWriterDeps {
  readonly store: Pick<ConversationStore, 'movePositions'>;
  readonly clock: Clock;
  /** Accounts whose position moved because a device said so. */
  onMoved(users: readonly UserId[]): void;
}

/** Stores positions many at once: one transaction at a time, and what comes meanwhile goes with the next. [POS-1] */
export class PositionWriter {
  readonly #deps: PositionWriterDeps;
  readonly #positions = new ReadPositions();
  /** Accounts with a move that waits because a device said so: the others have to hear of it. */
  #told = new Set<UserId>();
  #writing: Promise<void> | undefined;
  #isDue = false;

  constructor(deps: PositionWriterDeps) {
    this.#deps = deps;
  }

  /** Resolves when the move is stored. Rejects with StoreUnavailable when it could not be. */
  move(move: Omit<PositionMove, 'base'>): Promise<void> {
    this.#positions.move(move);
    if (move.which !== 'classic') this.#told.add(move.user);
    return this.flush();
  }

  /** Notes that an author's message was stored. */
  wrote(user: UserId, conversation: ConversationId, placed: { readonly seq: Seq; readonly ord: Ord }): void {
    this.#positions.wrote(user, conversation, placed);
    this.#flushLater(OWN_DELAY_MS);
  }

  /** Stores all that waits now. */
  async flush(): Promise<void> {
    const before = this.#writing;
    if (before !== undefined) await before.catch(() => undefined);
    // Whoever waited for the same transaction joins the one that the first of them starts.
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
    await this.#writing;
  }

  /** Stores what waits now. What comes meanwhile is the next one's, or those who wait for this would wait for ever. */
  async #writeAll(): Promise<void> {
    const moves = this.#positions.takeAll();
    const told = this.#told;
    this.#told = new Set();
    for (let start = 0; start < moves.length; start += MOVES_AT_ONCE) {
      try {
        const moved = await this.#deps.store.movePositions(moves.slice(start, start + MOVES_AT_ONCE));
        this.#deps.onMoved(moved.filter((user) => told.has(user)));
      } catch (error) {
        this.#positions.putBack(moves.slice(start));
        for (const user of told) this.#told.add(user);
        this.#flushLater(RETRY_MS);
        throw error;
      }
    }
  }

  #flushLater(ms: number): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#deps.clock.after(ms, () => {
      this.#isDue = false;
      this.flush().catch(() => this.#flushLater(RETRY_MS));
    });
  }
}
