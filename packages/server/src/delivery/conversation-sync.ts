import type { Seq, SyncMode, Tag } from '@parley/protocol';
import type { Conversation, Cursor, Entry, EntryPage, Membership, Stay } from '../chat/ports/index.ts';
import type { Feed, FeedListener } from './feed.ts';
import type { Gap } from './peer.ts';
import {
  isAnyVisible,
  isPresent,
  NO_CURSORS,
  NOWHERE,
  planStart,
  pooled,
  type StartPlan,
  type SyncStart,
  UNKNOWN_TAG,
  untagged,
} from './sync-start.ts';

/** What one conversation's sync asks of its session. */
export interface ConversationSyncEffects {
  readonly user: number;
  /** The session's write queue is full: nothing may be handed over now. */
  readonly isCongested: boolean;
  /** Hand over; false: the queue is full now. */
  entry(entry: Entry, conversation: Conversation): boolean;
  gap(gap: Gap, conversation: Conversation): boolean;
  /** Read a page from this seq on → `pageRead`. May be put off; `wanted` says how many entries are useful. */
  readPage(sync: ConversationSync, from: Cursor, wanted: number | undefined): void;
  /** Read the stays again → `staysRead`. */
  readStays(sync: ConversationSync): void;
  /** The device's cursor belongs to another history of this conversation. */
  foreignCursor(conversation: Conversation): void;
  /** It is live or ended for the first time. */
  settled(): void;
}

/** What may be handed over, and from where on. */
export interface ConversationSyncPlan {
  readonly stays: readonly Stay[];
  readonly start: SyncStart;
}

type State =
  /** The feed does not know its position yet. */
  | 'starting'
  /** A lazy start would pass over entries unseen, an exit perhaps among them: the stays are read again first. */
  | 'confirming'
  /** A page was asked for: the next entries, or one entry to judge a cursor by. */
  | 'reading'
  | 'judging'
  /** The write queue is full. */
  | 'blocked'
  /** Ahead of the feed: pages brought entries that it has not emitted yet. */
  | 'waiting'
  /** Someone left: the stays are read again. */
  | 'asking'
  /** Met the feed: gets each entry as it is emitted. */
  | 'live'
  /** Nothing more is visible. */
  | 'ended';

/**
 * One session's way through one conversation: catching up in pages, live from the moment it meets the feed. It keeps
 * no buffer of live events: what it cannot hand over is read again later. Each visible entry after the cursor is
 * handed over once, rising; what is left out is told as a gap.
 *
 * A state machine without I/O. [DELIV-1] [DELIV-2] [VIS-1] [TAG-1]
 */
export class ConversationSync implements FeedListener {
  readonly #feed: Feed;
  readonly #effects: ConversationSyncEffects;
  #state: State = 'starting';
  /** Handed over last. An unknown tag is taken from the database when the entry is read. */
  #cursor: Cursor;
  /** A gap that ends at the cursor and is told as soon as the cursor's tag is known. */
  #gap: { readonly from: Seq; readonly reason: Gap['reason'] } | undefined;
  /** As they were read last. */
  #stays: readonly Stay[];
  readonly #want: SyncMode;
  /** How it begins; undefined when there is nothing to go by, and once it is live: an idle session keeps little. */
  #start: SyncStart | undefined;
  /** The log's end when it was decided where to begin. */
  #startHead = 0;
  /** Cursors still to be judged before anything is handed over. */
  #toJudge = NO_CURSORS;
  /** The device is still to be told that it must forget this conversation. */
  #mustReset = false;
  #isSettled = false;
  /** What the feed had heard of when this turned live for the first time. */
  #settleSeq: number | undefined;

  constructor(feed: Feed, { stays, start }: ConversationSyncPlan, effects: ConversationSyncEffects) {
    this.#feed = feed;
    this.#effects = effects;
    this.#stays = pooled(stays);
    this.#want = start.want;
    // Before the first entry there is nothing to compare, whatever tag a device names.
    this.#start = start.cursor?.seq === 0 ? { ...start, cursor: NOWHERE } : start;
    this.#cursor = this.#start.cursor ?? NOWHERE;
  }

  get conversation(): Conversation {
    return this.#feed.conversation;
  }

  get feed(): Feed {
    return this.#feed;
  }

  /** Handed over last, so that a sync can go on after one that ended. */
  get cursor(): Cursor {
    return this.#cursor;
  }

  get isEnded(): boolean {
    return this.#state === 'ended';
  }

  /** As far as it knows its user is no member any more: it has ended or will. */
  get isLeaving(): boolean {
    return this.#state === 'ended' || !isPresent(this.#stays);
  }

  /** Attaches to the feed; everything follows from there. */
  begin(): void {
    this.#feed.listen(this);
  }

  /** The session ends, or starts afresh. */
  stop(): void {
    this.#state = 'ended';
    this.#feed.unlisten(this);
  }

  started(): void {
    if (this.#state === 'starting') this.#plan();
  }

  next(entry: Entry): void {
    if (this.#state === 'live') {
      if (entry.seq <= this.#cursor.seq) return;
      if (this.#effects.isCongested) this.#state = 'blocked';
      else this.#handOver(entry);
      if (this.#state === 'live') this.#settleWhenCurrent();
    } else if (this.#state === 'waiting' && entry.seq === this.#cursor.seq) {
      this.#advance();
    }
  }

  /**
   * A cursor without a tag is no device's but comes from this node's own knowledge of the log: then the feed is wrong,
   * or the page is, which was read before; the feed finds out.
   */
  #lacksAnchor(): void {
    if (this.#cursor.tag === UNKNOWN_TAG) this.#doubt();
    else this.#reset();
  }

  #doubt(): void {
    this.#state = 'waiting';
    this.#feed.doubt();
  }

  caughtUp(): void {
    if (this.#state === 'waiting') this.#advance();
    else if (this.#state === 'live') this.#settleWhenCurrent();
  }

  /** The session may hand over again. */
  drained(): void {
    if (this.#state !== 'blocked') return;
    if (this.#mustReset) this.#tellReset();
    else this.#advance();
  }

  /** A page came. `from` is the cursor that it was asked for with; an answer to an older question is dropped. */
  pageRead(from: Cursor, page: EntryPage): void {
    if (this.#state === 'judging') {
      this.#judged(from, page);
    } else if (this.#state === 'reading' && from.seq === this.#cursor.seq) {
      if (!this.#anchorFits(page)) this.#lacksAnchor();
      else if (this.#effects.isCongested) this.#state = 'blocked';
      else this.#takePage(page);
    }
  }

  /** The stays as they are now. */
  staysRead(membership: Membership | undefined): void {
    this.#stays = pooled(membership?.stays ?? []);
    if (this.#state === 'confirming') this.#place();
    else if (this.#state === 'asking') this.#advance();
  }

  /** Decides where to begin. The feed's position is known; the stays may have been read long before it. */
  #plan(): void {
    this.#startHead = this.#feed.position?.seq ?? 0;
    const { first, begin } = this.#startPlan();
    if (begin > first && this.conversation.kind === 'group' && isPresent(this.#stays)) {
      this.#state = 'confirming';
      this.#effects.readStays(this);
    } else {
      this.#place();
    }
  }

  /** Goes to the start, by way of the cursors that must be judged. */
  #place(): void {
    const { first, begin, reason, toJudge } = this.#startPlan();
    const cursor = this.#start?.cursor;
    this.#toJudge = toJudge;
    if (begin > first) this.#skipTo((begin - 1) as Seq, first, reason);
    else if (cursor === undefined) this.#cursor = untagged((first - 1) as Seq);
    this.#judgeNext();
  }

  #startPlan(): StartPlan {
    const start = this.#start ?? { cursor: undefined, acked: NO_CURSORS, want: this.#want };
    return planStart(start, this.#stays, this.#startHead);
  }

  #skipTo(seq: Seq, from: Seq, reason: Gap['reason']): void {
    this.#gap ??= { from, reason };
    this.#cursor = { seq, tag: UNKNOWN_TAG };
  }

  /** A cursor is judged by the database's own entry at its seq. [TAG-1] */
  #judgeNext(): void {
    const next = this.#toJudge[0];
    if (next === undefined) {
      this.#toJudge = NO_CURSORS;
      this.#advance();
    } else {
      this.#state = 'judging';
      this.#effects.readPage(this, next, 1);
    }
  }

  #judged(from: Cursor, page: EntryPage): void {
    const wanted = this.#toJudge[0];
    if (wanted === undefined || wanted.seq !== from.seq) return;
    const entry = page.entries[0];
    if (entry === undefined || entry.seq !== wanted.seq || entry.tag !== wanted.tag) {
      this.#reset();
      return;
    }
    this.#toJudge = this.#toJudge.slice(1);
    this.#judgeNext();
  }

  /** Goes on from the cursor: over what is not visible, to the feed if it stands there, else with a page. */
  #advance(): void {
    const hasMore = this.#skipInvisible();
    if (!hasMore && this.#gap === undefined) {
      this.#end();
      return;
    }
    if (this.#effects.isCongested) {
      this.#state = 'blocked';
      return;
    }
    const position = this.#feed.position ?? NOWHERE;
    if (hasMore && this.#cursor.seq === position.seq && this.#meets(position)) return;
    const held = this.#cursor.seq < position.seq ? this.#feed.recent(this.#cursor.seq) : undefined;
    const anchor = held?.[0];
    if (held !== undefined && anchor !== undefined && this.#trusts(anchor)) {
      this.#takePage({ head: { seq: position.seq, ord: 0 as never, tag: position.tag }, entries: held });
      return;
    }
    this.#state = 'reading';
    this.#effects.readPage(this, this.#cursor, hasMore ? undefined : 1);
  }

  /** Turns live if the feed's last entry is the cursor's own; otherwise a fresh read must judge. */
  #meets(position: Cursor): boolean {
    if (!this.#trusts(position)) return false;
    this.#cursor = position;
    if (!this.#tellGap()) {
      this.#state = 'blocked';
      return true;
    }
    this.#state = 'live';
    this.#start = undefined;
    this.#settleSeq ??= this.#feed.knownSeq;
    this.#settleWhenCurrent();
    return true;
  }

  #trusts(entry: Cursor): boolean {
    return this.#cursor.tag === UNKNOWN_TAG || this.#cursor.tag === entry.tag;
  }

  /** Whether the page begins with the cursor's own entry. Before the first entry there is nothing to compare. */
  #anchorFits(page: EntryPage): boolean {
    if (this.#cursor.seq === 0) return true;
    const anchor = page.entries[0];
    return anchor !== undefined && anchor.seq === this.#cursor.seq && this.#trusts(anchor);
  }

  #takePage(page: EntryPage): void {
    const anchor = page.entries[0];
    if (anchor !== undefined && anchor.seq === this.#cursor.seq) this.#cursor = { seq: anchor.seq, tag: anchor.tag };
    this.#state = 'reading';
    if (!this.#tellGap()) {
      this.#state = 'blocked';
      return;
    }
    for (const entry of page.entries) {
      if (entry.seq <= this.#cursor.seq) continue;
      if (entry.seq !== this.#cursor.seq + 1 || !this.#isVisible(entry.seq)) break;
      this.#handOver(entry);
      if (this.#state !== 'reading') return;
    }
    const position = this.#feed.position ?? this.#cursor;
    const isThere = position.seq === this.#cursor.seq && this.#trusts(position);
    if (position.seq < this.#cursor.seq) this.#state = 'waiting';
    // It brought nothing, and the feed stands further on, or on another entry: the page is older, or the feed is wrong.
    else if (page.entries.length < 2 && page.head.seq === this.#cursor.seq && !isThere) this.#doubt();
    else this.#advance();
  }

  /** Hands one entry over and moves the cursor. The state changes when the queue is full or the user left. */
  #handOver(entry: Entry): void {
    const position = this.#feed.position;
    // All who are live stand where the feed stands: one object for all of them.
    const isThere = position !== undefined && position.seq === entry.seq && position.tag === entry.tag;
    this.#cursor = isThere ? position : { seq: entry.seq, tag: entry.tag };
    const hasRoom = this.#effects.entry(entry, this.conversation);
    if (this.#isOwnExit(entry)) {
      this.#state = 'asking';
      this.#effects.readStays(this);
    } else if (!hasRoom && this.#state === 'reading') {
      this.#state = 'blocked';
    }
  }

  #isOwnExit(entry: Entry): boolean {
    const who = entry.kind === 'kick' ? entry.target : entry.kind === 'leave' ? entry.author : undefined;
    return who === this.#effects.user;
  }

  #isVisible(seq: number): boolean {
    return isAnyVisible(this.#stays, seq, seq);
  }

  /** Moves the cursor to just before the next visible entry. False: there is none and will be none. */
  #skipInvisible(): boolean {
    const next = (this.#cursor.seq + 1) as Seq;
    if (this.#isVisible(next)) return true;
    const later = this.#stays.find((stay) => stay.from > next);
    if (later === undefined) return false;
    this.#skipTo((later.from - 1) as Seq, next, 'not_member');
    return true;
  }

  /** Tells the gap that ends at the cursor, if there is one. False: the queue is full now. */
  #tellGap(): boolean {
    const gap = this.#gap;
    if (gap === undefined) return true;
    this.#gap = undefined;
    return this.#effects.gap({ ...gap, to: this.#cursor.seq, tag: this.#cursor.tag }, this.conversation);
  }

  /** The device knew another history: it must forget this conversation, and gets it as a new device would. [TAG-1] */
  #reset(): void {
    this.#effects.foreignCursor(this.conversation);
    this.#toJudge = NO_CURSORS;
    this.#gap = undefined;
    this.#cursor = NOWHERE;
    this.#start = undefined;
    this.#mustReset = true;
    this.#tellReset();
  }

  #tellReset(): void {
    if (this.#effects.isCongested) {
      this.#state = 'blocked';
      return;
    }
    this.#mustReset = false;
    this.#effects.gap({ from: 0 as Seq, to: 0 as Seq, tag: 0 as Tag, reason: 'reset' }, this.conversation);
    this.#plan();
  }

  #end(): void {
    this.#state = 'ended';
    this.#feed.unlisten(this);
    this.#settle();
  }

  /** What the feed has heard of and not emitted was there when the sync was asked for; unless it was told a lie. */
  #settleWhenCurrent(): void {
    if (this.#isSettled) return;
    if (this.#cursor.seq >= (this.#settleSeq ?? 0) || !this.#feed.isBehind) this.#settle();
  }

  #settle(): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#effects.settled();
  }
}
