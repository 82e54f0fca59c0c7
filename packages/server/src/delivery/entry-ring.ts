import type { Seq } from '@parley/protocol';
import type { Entry } from '../chat/ports/index.ts';

/** Entries that one ring holds at most. */
const RING_ENTRIES = 64;

/** What an entry takes beside its text, roughly, in bytes. */
const ENTRY_BYTES = 300;

/**
 * A bound that all rings of a node share. When it is used up every ring is emptied at once (each notices when it is
 * used next): rings are a cache for many sessions that return at the same time, so forgetting costs one read each.
 */
export class RingBudget {
  readonly #limitBytes: number;
  #usedBytes = 0;
  #generation = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Rings filled under another generation are void. */
  get generation(): number {
    return this.#generation;
  }

  take(bytes: number): void {
    this.#usedBytes += bytes;
    if (this.#usedBytes <= this.#limitBytes) return;
    this.#generation += 1;
    this.#usedBytes = bytes;
  }

  giveBack(bytes: number): void {
    this.#usedBytes = Math.max(0, this.#usedBytes - bytes);
  }
}

/** The last entries of one conversation, without a hole. */
export class EntryRing {
  readonly #budget: RingBudget;
  #generation = 0;
  #entries: Entry[] = [];

  constructor(budget: RingBudget) {
    this.#budget = budget;
  }

  add(entry: Entry): void {
    this.#budget.take(bytesOf(entry));
    if (this.#generation !== this.#budget.generation) {
      this.#generation = this.#budget.generation;
      this.#entries = [];
    }
    this.#entries.push(entry);
    if (this.#entries.length >= 2 * RING_ENTRIES) this.#trim();
  }

  /** One entry; undefined when it is not held. */
  at(seq: Seq): Entry | undefined {
    const first = this.#entries[0];
    if (first === undefined || this.#generation !== this.#budget.generation) return undefined;
    return this.#entries[seq - first.seq];
  }

  /** Entries from `seq` on, that one included; undefined when `seq` is not held. */
  from(seq: Seq): readonly Entry[] | undefined {
    const entry = this.at(seq);
    return entry && this.#entries.slice(seq - (this.#entries[0] as Entry).seq);
  }

  clear(): void {
    if (this.#generation === this.#budget.generation) {
      for (const entry of this.#entries) this.#budget.giveBack(bytesOf(entry));
    }
    this.#entries = [];
  }

  /** Dropping half at once costs less than shifting each time. */
  #trim(): void {
    for (const entry of this.#entries.slice(0, RING_ENTRIES)) this.#budget.giveBack(bytesOf(entry));
    this.#entries = this.#entries.slice(RING_ENTRIES);
  }
}

function bytesOf(entry: Entry): number {
  return ENTRY_BYTES + 2 * (entry.text?.length ?? 0);
}
