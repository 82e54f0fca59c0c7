import type { ConversationId } from '../../chat/ports/records.ts';

/** Positions of one conversation's consecutive entries; `positions[i]` is that of seq `first + i`. */
export interface Run {
  readonly first: number;
  readonly positions: readonly number[];
}

interface OpenRun {
  first: number;
  positions: number[];
}

/** Where recent entries lie in the table, for those that its (conversation, seq) index does not hold yet. */
export class PositionTail {
  readonly #runs = new Map<ConversationId, OpenRun>();
  #size = 0;

  /** Entries held. */
  get size(): number {
    return this.#size;
  }

  /** Adds the entry that follows the last one held of this conversation. */
  add(conversation: ConversationId, seq: number, pos: number): void {
    const run = this.#runs.get(conversation);
    if (run === undefined) this.#runs.set(conversation, { first: seq, positions: [pos] });
    else if (seq === run.first + run.positions.length) run.positions.push(pos);
    else
      throw new Error(
        `entry ${seq} of conversation ${conversation} does not follow ${run.first + run.positions.length - 1}`,
      );
    this.#size += 1;
  }

  run(conversation: ConversationId): Run | undefined {
    return this.#runs.get(conversation);
  }

  /** The position of the conversation's last entry, if that is held. */
  last(conversation: ConversationId): number | undefined {
    return this.#runs.get(conversation)?.positions.at(-1);
  }

  at(conversation: ConversationId, seq: number): number | undefined {
    const run = this.#runs.get(conversation);
    return run === undefined ? undefined : run.positions[seq - run.first];
  }

  /** Removes what is held of one conversation and returns it. */
  take(conversation: ConversationId): Run | undefined {
    const run = this.#runs.get(conversation);
    if (run === undefined) return undefined;
    this.#runs.delete(conversation);
    this.#size -= run.positions.length;
    return run;
  }

  conversations(): IterableIterator<ConversationId> {
    return this.#runs.keys();
  }

  /** Forgets entries below a position. */
  dropBelow(pos: number): void {
    for (const [conversation, run] of this.#runs) {
      let count = 0;
      while (count < run.positions.length && (run.positions[count] ?? pos) < pos) count += 1;
      if (count === 0) continue;
      this.#size -= count;
      if (count === run.positions.length) {
        this.#runs.delete(conversation);
      } else {
        run.first += count;
        run.positions = run.positions.slice(count);
      }
    }
  }

  clear(): void {
    this.#runs.clear();
    this.#size = 0;
  }
}
