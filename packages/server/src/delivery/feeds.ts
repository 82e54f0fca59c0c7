import type { Bus, Clock, Conversation, ConversationId, Cursor, PageLimit, Store } from '../chat/ports/index.ts';
import type { DeliveryLog } from './delivery-log.ts';
import { RingBudget } from './entry-ring.ts';
import { Feed, type FeedEffects, type Notice } from './feed.ts';
import type { PageReader } from './page-reader.ts';
import { retryRead } from './retry-read.ts';

/** One page for catching up. */
export const PAGE: PageLimit = { entries: 200, bytes: 131_072 };
/** Bytes of all rings of a node together. */
const RING_BYTES = 33_554_432;
/** Heads of one read. */
const HEADS_AT_ONCE = 500;

/** What the feeds of a node need. */
export interface FeedsDeps {
  readonly store: Pick<Store, 'heads'>;
  readonly pages: PageReader;
  readonly clock: Clock;
  readonly log: DeliveryLog;
  readonly bus: Pick<Bus, 'subscribe' | 'unsubscribe'>;
  /** The database is not the one that this node knew: everything held must go. */
  onForked(): void;
}

/** The feeds of the conversations that somebody on this node listens to; carries out what they ask for. */
export class Feeds implements FeedEffects {
  readonly #deps: FeedsDeps;
  readonly #feeds = new Map<ConversationId, Feed>();
  readonly #rings = new RingBudget(RING_BYTES);
  /** Feeds that want to know their head; those of one tick are read together. */
  #headless: Feed[] = [];

  constructor(deps: FeedsDeps) {
    this.#deps = deps;
  }

  get count(): number {
    return this.#feeds.size;
  }

  /** The conversation's feed, made when missing. */
  of(conversation: Conversation): Feed {
    let feed = this.#feeds.get(conversation.id);
    if (feed === undefined) {
      feed = new Feed(compact(conversation), this, this.#rings);
      this.#feeds.set(conversation.id, feed);
      // Before the feed's first read: what is committed after that is heard, or found when the subscription counts.
      this.#deps.bus.subscribe({ kind: 'conversation', id: conversation.id });
    }
    return feed;
  }

  /** Whether anybody here listens; entries need not be made for nobody. */
  isHeard(conversation: ConversationId): boolean {
    return this.#feeds.has(conversation);
  }

  notice(conversation: ConversationId, notice: Notice): void {
    this.#feeds.get(conversation)?.notice(notice);
  }

  readHead(feed: Feed): void {
    this.#headless.push(feed);
    if (this.#headless.length === 1) queueMicrotask(() => this.#readHeads());
  }

  readPage(feed: Feed, from: Cursor): void {
    const read = () => this.#deps.pages.readAfresh(feed.conversation.id, from, PAGE);
    retryRead(this.#deps.clock, read, () => this.#isCurrent(feed)).then(
      (page) => feed.ownPageRead(from, page),
      (error: unknown) => this.#failed(feed, error),
    );
  }

  forked(feed: Feed): void {
    if (!this.#isCurrent(feed)) return;
    this.#deps.log.error({ conversation: feed.conversation.address }, 'the database is not the one this node knew');
    this.#deps.onForked();
  }

  unheard(feed: Feed): void {
    if (this.#isCurrent(feed)) this.#forget(feed.conversation.id);
  }

  /** Forgets everything; whoever listens hears nothing more. */
  clear(): void {
    for (const id of this.#feeds.keys()) this.#forget(id);
  }

  #forget(id: ConversationId): void {
    this.#feeds.delete(id);
    this.#deps.bus.unsubscribe({ kind: 'conversation', id });
  }

  #isCurrent(feed: Feed): boolean {
    return this.#feeds.get(feed.conversation.id) === feed;
  }

  #readHeads(): void {
    const all = this.#headless;
    this.#headless = [];
    for (let start = 0; start < all.length; start += HEADS_AT_ONCE) {
      this.#readHeadsOf(all.slice(start, start + HEADS_AT_ONCE));
    }
  }

  #readHeadsOf(feeds: readonly Feed[]): void {
    const read = () => this.#deps.store.heads(feeds.map((feed) => feed.conversation.id));
    retryRead(this.#deps.clock, read, () => feeds.some((feed) => this.#isCurrent(feed))).then(
      (heads) => {
        feeds.forEach((feed, index) => {
          const head = heads[index];
          if (head !== undefined && this.#isCurrent(feed)) feed.headRead(head);
        });
      },
      (error: unknown) => {
        for (const feed of feeds) this.#failed(feed, error);
      },
    );
  }

  /** A feed whose read failed for good would be silent for ever: the node starts afresh instead. */
  #failed(feed: Feed, error: unknown): void {
    if (!this.#isCurrent(feed)) return;
    this.#deps.log.error({ err: error, conversation: feed.conversation.address }, 'a feed could not read the log');
    this.#deps.onForked();
  }
}

/** Of a shape of its own, with a shared kind: an object that came from another thread takes three times as much. */
function compact(from: Conversation): Conversation {
  const { id, address } = from;
  if (from.kind === 'group') return { kind: 'group', id, address, group: from.group };
  return { kind: 'direct', id, address, low: from.low, high: from.high };
}
