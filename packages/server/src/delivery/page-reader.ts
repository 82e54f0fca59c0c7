import type { ConversationId, Cursor, EntryPage, LogStore, PageLimit } from '../chat/ports/index.ts';

/** Reads that may be under way at once on a node; the rest wait their turn. Bounds memory and the store's load. */
const READS_AT_ONCE = 32;

/**
 * Reads pages of logs, each once for all who ask for the same page while it is being read: when a node dies, its
 * sessions come back asking for the same few pages. Who asks from a cursor knows that its entry was there; so the
 * tag is part of the question, and a read that was asked for with a made-up tag answers nobody else.
 */
export class PageReader {
  readonly #store: Pick<LogStore, 'readForward'>;
  readonly #underWay = new Map<string, Promise<EntryPage>>();
  readonly #waiting: (() => void)[] = [];
  #free = READS_AT_ONCE;

  constructor(store: Pick<LogStore, 'readForward'>) {
    this.#store = store;
  }

  /** Entries from the cursor's own on. May have been read a moment before. Rejects as the store does. */
  read(conversation: ConversationId, from: Cursor, limit: PageLimit): Promise<EntryPage> {
    return this.#underWay.get(keyOf(conversation, from, limit)) ?? this.readAfresh(conversation, from, limit);
  }

  /** The same, but surely with everything that was committed before this call. */
  readAfresh(conversation: ConversationId, from: Cursor, limit: PageLimit): Promise<EntryPage> {
    const key = keyOf(conversation, from, limit);
    const page = this.#readInTurn(conversation, from, limit).finally(() => {
      if (this.#underWay.get(key) === page) this.#underWay.delete(key);
    });
    this.#underWay.set(key, page);
    return page;
  }

  async #readInTurn(conversation: ConversationId, from: Cursor, limit: PageLimit): Promise<EntryPage> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free -= 1;
    try {
      return await this.#store.readForward(conversation, from.seq, limit);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}

function keyOf(conversation: ConversationId, { seq, tag }: Cursor, limit: PageLimit): string {
  return `${conversation}:${seq}:${tag}:${limit.entries}`;
}
