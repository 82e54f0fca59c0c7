import type { Seq, Tag } from '@parley/protocol';
import type { Conversation, Cursor, Entry, EntryPage, Head } from '../chat/ports/index.ts';
import { EntryRing, type RingBudget } from './entry-ring.ts';
import { countOf, type Listeners, NOBODY, withListener, withoutListener } from './listeners.ts';

/** Who wants a conversation's entries. Calls come synchronously, in order. */
export interface FeedListener {
  /** The feed knows where it stands. At once when it knew already. */
  started(): void;
  /** The next entry, right after the one before. */
  next(entry: Entry): void;
  /** All that was heard of has been emitted, or was found not to be there. Not told for each `next`; see `isBehind`. */
  caughtUp(): void;
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

/** What is told of a commit: entries that follow the one tagged `prevTag`, or only that the log reaches (`seq`, `tag`). */
export interface Notice {
  readonly seq: Seq;
  readonly tag: Tag;
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
  readonly #budget: RingBudget;
  /** Made with the first entry: most conversations are silent most of the time. */
  #ring: EntryRing | undefined;
  #listeners: Listeners<FeedListener> = NOBODY;
  /** The entry emitted last; undefined until the head was read. */
  #position: Cursor | undefined;
  /**
   * The highest seq that the database told, or that was heard of since the read under way was asked for. What was
   * heard of before is answered by that read: a hint that lies is no reason to read for ever.
   */
  #heardSeq = 0;
  /** What had been heard of when the read under way was asked for. */
  #askedSeq = 0;
  #reading = false;
  /** Something contradicts what was emitted: read again, and believe the database. */
  #inDoubt = false;
  /** What was emitted is not what the database holds: nothing more comes from here. */
  #isForked = false;

  constructor(conversation: Conversation, effects: FeedEffects, budget: RingBudget) {
    this.conversation = conversation;
    this.#effects = effects;
    this.#budget = budget;
  }

  get position(): Cursor | undefined {
    return this.#position;
  }

  /** How far the log is known or said to reach. */
  get knownSeq(): number {
    return Math.max(this.#heardSeq, this.#reading ? this.#askedSeq : 0, this.#position?.seq ?? 0);
  }

  /** Something was committed that was not emitted yet, or may have been. */
  get isBehind(): boolean {
    return this.#reading || this.#inDoubt || this.#heardSeq > (this.#position?.seq ?? 0);
  }

  listen(listener: FeedListener): void {
    const first = countOf(this.#listeners) === 0;
    this.#listeners = withListener(this.#listeners, listener);
    if (this.#position !== undefined) listener.started();
    else if (first && !this.#reading) {
      this.#reading = true;
      this.#effects.readHead(this);
    }
  }

  unlisten(listener: FeedListener): void {
    if (countOf(this.#listeners) === 0) return;
    this.#listeners = withoutListener(this.#listeners, listener);
    if (countOf(this.#listeners) > 0) return;
    this.#ring?.clear();
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
  notice({ seq, tag, prevTag, entries }: Notice): void {
    if (seq > this.#heardSeq) this.#heardSeq = seq;
    if (this.#position === undefined || this.#isForked) return;
    let before = prevTag;
    for (const entry of entries) {
      if (entry.seq === this.#position.seq + 1 && before === this.#position.tag) this.#emit(entry);
      else if (this.#holdsAnother(entry)) this.#inDoubt = true;
      before = entry.tag;
    }
    if (this.#holdsAnother({ seq, tag })) this.#inDoubt = true;
    this.#catchUp();
  }

  /** The database lacks what must be there if the feed is right: it is read again. */
  doubt(): void {
    this.#inDoubt = true;
    this.#catchUp();
  }

  /**
   * A page that was read for one of the listeners, from `from` on. It may be older than what was emitted meanwhile, and
   * `from` may be made up: so it is used only where it meets what was emitted, and a contradiction is only a doubt.
   */
  pageRead(from: Cursor, page: EntryPage): void {
    if (this.#position === undefined || this.#isForked) return;
    if (this.#fits(from, page)) this.#take(page);
    else this.#inDoubt = true;
    this.#catchUp();
  }

  /** The feed's own read came back: it was asked for after `from` had been emitted. */
  ownPageRead(from: Cursor, page: EntryPage): void {
    this.#reading = false;
    if (!this.#fits(from, page)) {
      this.#isForked = true;
      this.#effects.forked(this);
      return;
    }
    this.#take(page);
    this.#catchUp();
    if (this.isBehind) return;
    for (const listener of this.#listeners) listener.caughtUp();
  }

  /** Whether the database holds the entry that was emitted last, as far as the page can tell. */
  #fits(from: Cursor, page: EntryPage): boolean {
    const position = this.#position as Cursor;
    const held = page.entries.find((entry) => entry.seq === position.seq);
    if (held !== undefined) return held.tag === position.tag;
    return position.seq === 0 || from.seq !== position.seq || from.tag !== position.tag;
  }

  #take(page: EntryPage): void {
    if (page.head.seq > this.#heardSeq) this.#heardSeq = page.head.seq;
    const { seq } = this.#position as Cursor;
    if (seq > 0 && !page.entries.some((entry) => entry.seq === seq)) return;
    for (const entry of page.entries) {
      if (entry.seq === (this.#position as Cursor).seq + 1) this.#emit(entry);
    }
  }

  /** Entries held in memory from `seq` on, that one included; undefined when `seq` is not held. */
  recent(seq: Seq): readonly Entry[] | undefined {
    return this.#ring?.from(seq);
  }

  /** Whether another entry was emitted under this seq, as far as it is still known. */
  #holdsAnother({ seq, tag }: Cursor): boolean {
    const held = seq === this.#position?.seq ? this.#position : this.#ring?.at(seq);
    return held !== undefined && held.tag !== tag;
  }

  #emit(entry: Entry): void {
    this.#position = { seq: entry.seq, tag: entry.tag };
    this.#ring ??= new EntryRing(this.#budget);
    this.#ring.add(entry);
    for (const listener of this.#listeners) listener.next(entry);
  }

  #catchUp(): void {
    const position = this.#position;
    if (position === undefined || this.#reading || this.#isForked || countOf(this.#listeners) === 0) return;
    if (this.#heardSeq <= position.seq && !this.#inDoubt) return;
    this.#reading = true;
    this.#inDoubt = false;
    this.#askedSeq = this.#heardSeq;
    this.#heardSeq = 0;
    this.#effects.readPage(this, position);
  }
}
