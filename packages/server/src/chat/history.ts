import { LIMITS, type Seq, type UserId } from '@parley/protocol';
import { ChatError } from './chat-error.ts';
import type { Directory } from './directory.ts';
import type { Conversation, Entry, Membership, PageLimit, Stay, Store } from './ports/index.ts';

/** Bytes of text in one page, so that its frame stays below the limit even when JSON escapes double it. */
const PAGE_BYTES = 24_576;
const DEFAULT_ENTRIES = 50;

/** Which page. Without `before` and `after`: the newest. */
export interface HistoryQuestion {
  readonly before?: number | undefined;
  readonly after?: number | undefined;
  readonly limit?: number | undefined;
}

/** A page, oldest first, and whether there is more in the direction of reading. */
export interface HistoryPage {
  readonly conversation: Conversation;
  readonly entries: readonly Entry[];
  readonly more: boolean;
}

/** Reads back. What may be seen is decided by the stays, in the question that is put to the store. [VIS-1] */
export class History {
  readonly #store: Pick<Store, 'membership' | 'readForward' | 'readBackward'>;
  readonly #directory: Pick<Directory, 'existing'>;

  constructor(
    store: Pick<Store, 'membership' | 'readForward' | 'readBackward'>,
    directory: Pick<Directory, 'existing'>,
  ) {
    this.#store = store;
    this.#directory = directory;
  }

  async page(me: UserId, where: string, question: HistoryQuestion): Promise<HistoryPage> {
    const conversation = await this.#directory.existing(me, where);
    const membership = await this.#store.membership(me, conversation.id);
    if (membership === undefined) throw new ChatError('no_such_conversation');
    const limit: PageLimit = {
      entries: Math.min(question.limit ?? DEFAULT_ENTRIES, LIMITS.historyEntries),
      bytes: PAGE_BYTES,
    };
    const read = question.after === undefined ? this.#readBack.bind(this) : this.#readOn.bind(this);
    const page = await read({ conversation, stays: membership.stays, question, limit });
    // What was said after a kick that came between the two reads is not theirs to see: asked again, by the stays as
    // they are now.
    if (await this.#hasLeftSince(membership, me)) return this.page(me, where, question);
    return { conversation, ...page };
  }

  /** Whether a stay that lasted when the membership was read has ended. Two people are never parted. */
  async #hasLeftSince({ conversation, stays }: Membership, me: UserId): Promise<boolean> {
    if (conversation.kind === 'direct' || stays.at(-1)?.to !== null) return false;
    const now = await this.#store.membership(me, conversation.id);
    return now?.stays.length !== stays.length || now.stays.at(-1)?.to !== null;
  }

  /** The last entries below `before` that lie in one stay; an earlier stay is the next page. */
  async #readBack({ conversation, stays, question, limit }: Reading): Promise<Omit<HistoryPage, 'conversation'>> {
    const before = question.before ?? Number.MAX_SAFE_INTEGER;
    const stay = stays.findLast(({ from }) => from < before);
    if (stay === undefined) return { entries: [], more: false };
    const end = Math.min(before, stay.to === null ? Number.MAX_SAFE_INTEGER : stay.to + 1);
    const { entries } = await this.#store.readBackward(conversation.id, end as Seq, limit);
    const visible = entries.filter(({ seq }) => seq >= stay.from);
    const first = visible[0]?.seq ?? stay.from;
    return { entries: visible, more: stays.some(({ from }) => from < first) };
  }

  /** The next entries above `after` that lie in one stay. */
  async #readOn({ conversation, stays, question, limit }: Reading): Promise<Omit<HistoryPage, 'conversation'>> {
    const after = question.after ?? 0;
    const stay = stays.find(({ to }) => to === null || to > after);
    if (stay === undefined) return { entries: [], more: false };
    const from = Math.max(after + 1, stay.from) as Seq;
    const page = await this.#store.readForward(conversation.id, from, limit);
    const visible = page.entries.filter(({ seq }) => stay.to === null || seq <= stay.to);
    const last = visible.at(-1)?.seq ?? page.head.seq;
    return { entries: visible, more: stays.some(({ to }) => (to ?? page.head.seq) > last) };
  }
}

interface Reading {
  readonly conversation: Conversation;
  readonly stays: readonly Stay[];
  readonly question: HistoryQuestion;
  readonly limit: PageLimit;
}
