import type { Seq, Tag } from '@parley/protocol';
import type { Conversation, Cursor, Entry, EntryPage, Head } from '../chat/ports/index.ts';
import { EntryRing, type RingBudget } from './entry-ring.ts';

/** Who wants a conversation's entries. Calls come synchronously, in order. */
export interface FeedListener {
  /** The feed knows where it stands. At once when it knew already. */
  started(): void;
  /** The next entry, right after the one before. */
  next(entry: Entry): void;
}

/** What a feed asks of the world; answers come later through the methods named. */
export interface FeedEffects {
  /** Read the log's end → `headRead`. */
  readHead(feed: Feed): void;
  /** Read a page from this entry on, that one included → `pageRead` with the same cursor. */
  readPage(feed: Feed, from: Cursor): void;
  /** The database holds another entry under a seq that was emitted: it is not the one this node knew. */
  forked(feed: Feed): void;
  /** Nobody listens any more: the feed may be forgotten. */
  unheard(feed: Feed): void;
}

/** What is told of a commit: entries that follow the one tagged `prevTag`, or only that the log reaches `seq`. */
export interface Notice {
  readonly seq: Seq;
  readonly prevTag: Tag;
  readonly entries: readonly Entry[];
}

/**
 * One conversation's entries, strictly by seq, for all who listen on this node. It is registered before its first
 * read, so that whatever commits later is noticed; bodies are taken from a notice only when they follow what was
 * emitted last (the tag proves it), else the database is read. One read at a time; a notice during it causes one more.
 *
 * A state machine without I/O. [ORDER-1] [DELIV-1] [DELIV-2]
 */
export class Feed {
  readonly conversation: Conversation;
  readonly #effects: FeedEffects;
  readonly #ring: EntryRing;
  readonly #listeners = new Set<FeedListener>();
  /** The entry emitted last; undefined until the head was read. */
  #position: Cursor | undefined;
  /** The highest seq that was heard of, and what it was when the read under way was asked for. */
  #heardSeq = 0;
  #heardBeforeRead = 0;
  #reading = false;
  /** A notice contradicts what was emitted: read again, and believe the database. */
  #inDoubt = false;

  constructor(conversation: Conversation, effects: FeedEffects, budget: RingBudget) {
    this.conversation = conversation;
    this.#effects = effects;
    this.#ring = new EntryRing(budget);
  }

  get position(): Cursor | undefined {
    return this.#position;
  }

  listen(listener: FeedListener): void {
    const first = this.#listeners.size === 0;
    this.#listeners.add(listener);
    if (this.#position !== undefined) listener.started();
    else if (first && !this.#reading) {
      this.#reading = true;
      this.#effects.readHead(this);
    }
  }

  unlisten(listener: FeedListener): void {
    if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
    this.#ring.clear();
    this.#effects.unheard(this);
  }

  /** The log's end when it was read. Reads that were asked for before something was noticed may be older than it. */
  headRead(head: Head): void {
    this.#reading = false;
    if (this.#position !== undefined) return;
    this.#position = { seq: head.seq, tag: head.tag };
    for (const listener of this.#listeners) listener.started();
    this.#catchUp();
  }

  /** Something was committed here, or another node says so. */
  notice({ seq, prevTag, entries }: Notice): void {
    if (seq > this.#heardSeq) this.#heardSeq = seq;
    if (this.#position === undefined) return;
    let before = prevTag;
    for (const entry of entries) {
      if (entry.seq === this.#position.seq + 1 && before === this.#position.tag) this.#emit(entry);
      else if (entry.seq === this.#position.seq && entry.tag !== this.#position.tag) this.#inDoubt = true;
      before = entry.tag;
    }
    this.#catchUp();
  }

  /**
   * A page that was read for this feed or for one of its listeners, from `from` on. It is judged by where it was
   * issued from, and used only where it meets what was emitted.
   */
  pageRead(from: Cursor, page: EntryPage): void {
    this.#take(from, page);
    this.#catchUp();
  }

  #take(from: Cursor, page: EntryPage): void {
    const position = this.#position;
    if (position === undefined) return;
    if (page.head.seq > this.#heardSeq) this.#heardSeq = page.head.seq;
    const held = page.entries.find((entry) => entry.seq === position.seq);
    const isOwn = from.seq === position.seq;
    if (held === undefined ? isOwn && position.seq > 0 : held.tag !== position.tag) {
      this.#effects.forked(this);
      return;
    }
    if (held === undefined && !(isOwn && position.seq === 0)) return;
    for (const entry of page.entries) {
      if (entry.seq === (this.#position as Cursor).seq + 1) this.#emit(entry);
    }
  }

  /** The feed's own read came back. */
  ownPageRead(from: Cursor, page: EntryPage): void {
    this.#reading = false;
    // What was heard of before a read and is not in it came from elsewhere: it is no reason to read for ever.
    if (this.#heardSeq === this.#heardBeforeRead) this.#heardSeq = page.head.seq;
    this.pageRead(from, page);
  }

  /** Entries held in memory from `seq` on, that one included; undefined when `seq` is not held. */
  recent(seq: Seq): readonly Entry[] | undefined {
    return this.#ring.from(seq);
  }

  #emit(entry: Entry): void {
    this.#position = { seq: entry.seq, tag: entry.tag };
    this.#ring.add(entry);
    for (const listener of this.#listeners) listener.next(entry);
  }

  #catchUp(): void {
    const position = this.#position;
    if (position === undefined || this.#reading) return;
    if (this.#heardSeq <= position.seq && !this.#inDoubt) return;
    this.#reading = true;
    this.#inDoubt = false;
    this.#heardBeforeRead = this.#heardSeq;
    this.#effects.readPage(this, position);
  }
}
