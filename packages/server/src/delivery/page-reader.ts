import type { Seq } from '@parley/protocol';
import type { ConversationId, EntryPage, LogStore, PageLimit } from '../chat/ports/index.ts';

/** Reads that may be under way at once on a node; the rest wait their turn. Bounds memory and the store's load. */
const READS_AT_ONCE = 32;

/**
 * Reads pages of logs, each once for all who ask for the same page while it is being read: when a node dies, its
 * sessions come back asking for the same few pages.
 */
export class PageReader {
  readonly #store: Pick<LogStore, 'readForward'>;
  readonly #underWay = new Map<string, Promise<EntryPage>>();
  readonly #waiting: (() => void)[] = [];
  #free = READS_AT_ONCE;

  constructor(store: Pick<LogStore, 'readForward'>) {
    this.#store = store;
  }

  /** Entries from `from` on, that one included. Rejects as the store does. */
  read(conversation: ConversationId, from: Seq, limit: PageLimit): Promise<EntryPage> {
    const key = `${conversation}:${from}:${limit.entries}`;
    const shared = this.#underWay.get(key);
    if (shared !== undefined) return shared;
    const page = this.#readInTurn(conversation, from, limit).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, page);
    return page;
  }

  async #readInTurn(conversation: ConversationId, from: Seq, limit: PageLimit): Promise<EntryPage> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free -= 1;
    try {
      return await this.#store.readForward(conversation, from, limit);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
