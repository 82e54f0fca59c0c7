import type { BusEvent } from './bus.ts';

/**
 * What other nodes committed, as the store tells it: nothing is missing, and what one writer did comes in its order.
 * What nodes tell each other on the bus is faster and proves nothing; this is slower and complete. [DELIV-2]
 */
export interface Journal {
  /**
   * What was committed by others since the read before. The first read only takes positions, so it belongs before
   * anything is served. One read at a time.
   * @throws {StoreUnavailable} when the store cannot be asked; nothing is skipped by that
   */
  read(): Promise<JournalNews>;
}

/** What a read found. */
export type JournalNews =
  | { readonly state: 'news'; readonly events: readonly BusEvent[] }
  /** Rows that were needed have been deleted: what is held may be older than that. */
  | { readonly state: 'behind' }
  /** A row of this node's own is gone: the store is not the one that it wrote to. */
  | { readonly state: 'forked' };
