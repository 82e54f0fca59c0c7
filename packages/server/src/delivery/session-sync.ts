import type { Seq, SyncMode } from '@parley/protocol';
import type {
  Conversation,
  ConversationId,
  Cursor,
  Entry,
  EntryPage,
  Membership,
  StatePage,
  StateVersion,
} from '../chat/ports/index.ts';
import { ConversationSync, type ConversationSyncEffects } from './conversation-sync.ts';
import type { Feed } from './feed.ts';
import type { DeviceCursor, Gap, Peer, SessionSync, SyncPlan } from './peer.ts';
import { isPresent, type SyncStart, UNKNOWN_TAG } from './sync-start.ts';

/** What a session's sync asks of the world; answers come later through the methods named. */
export interface SessionSyncEffects {
  /** → `stateRead`. `paging`: the version is of a page that had more. */
  readState(sync: PeerSync, since: StateVersion, paging: boolean): void;
  /** Memberships by conversation above `after` → `membershipsRead`. */
  readMemberships(sync: PeerSync, after: number): void;
  /** → `membershipRead`. */
  readMembership(sync: PeerSync, conversation: ConversationId): void;
  /** → the conversation's `pageRead`, and first the feed's. */
  readPage(sync: PeerSync, conversation: ConversationSync, question: PageQuestion): void;
  /** The conversation's feed on this node, made when missing. */
  feed(conversation: Conversation): Feed;
  foreignCursor(peer: Peer, conversation: Conversation): void;
  /** The session handed over or was told everything that it ever will be. */
  ended(sync: PeerSync): void;
}

/** A page that is wanted: from this cursor on, that entry included. */
export interface PageQuestion {
  readonly from: Cursor;
  /** How many entries are useful; undefined: a full page. */
  readonly wanted: number | undefined;
}

/** Pages that one session may have asked for at once; the rest wait, so that a long backlog leaves room for others. */
const PAGES_AT_ONCE = 4;

const FULL: SyncMode = { mode: 'full' };

/** `held`: there is more to read, but the write queue is full. */
type StatePhase = 'unread' | 'reading' | 'held' | 'current';

/**
 * All that one session is sent: its account's private state and its conversations. First the rows of private state
 * that changed, then what follows each cursor, then everything as it happens.
 *
 * A state machine without I/O. [DELIV-1] [STATE-1]
 */
export class PeerSync implements SessionSync, ConversationSyncEffects {
  readonly peer: Peer;
  readonly #effects: SessionSyncEffects;
  readonly #syncs = new Map<ConversationId, ConversationSync>();
  /** Memberships that were asked for and have not come; true: something happened since, so they are asked for again. */
  #asked: Map<ConversationId, boolean> | undefined;
  #from: SyncPlan['from'] | undefined;
  #byDefault = FULL;
  /** The device was told private state before: what it does not know it has missed. */
  #isBack = false;
  /** Where the device says it stands, as far as it was not used yet. */
  #cursors: SyncPlan['cursors'] | undefined;
  #version: StateVersion = { rev: 0, tag: 0 as never };
  /** Conversations that were over when a device came back that did not know so. It may have missed all of them. */
  #missed: Set<ConversationId> | undefined;
  /** Conversations that were over before and that the device does not know: nothing of them is sent. */
  #passedOver: Set<ConversationId> | undefined;
  /** The version is of a page that had more. */
  #isPaging = false;
  #statePhase: StatePhase = 'unread';
  /** Something changed while the state was being read. */
  #readStateAgain = false;
  #hasMemberships = false;
  /** Conversations that have not caught up for the first time; `synced` is told when none is left. */
  #unsettled = 0;
  #isSynced = false;
  #isEnded = false;
  isCongested = false;
  #pagesUnderWay = 0;
  readonly #pagesWaiting: { readonly sync: ConversationSync; readonly question: PageQuestion }[] = [];

  constructor(peer: Peer, effects: SessionSyncEffects) {
    this.peer = peer;
    this.#effects = effects;
  }

  get user(): Peer['user'] {
    return this.peer.user;
  }

  /** What was started and not ended. */
  get isStarted(): boolean {
    return this.#from !== undefined && !this.#isEnded;
  }

  start(plan: SyncPlan): void {
    if (this.#from !== undefined || this.#isEnded) return;
    this.#from = plan.from;
    this.#byDefault = plan.byDefault;
    this.#cursors = plan.cursors;
    this.#statePhase = 'reading';
    this.#isBack = plan.state !== undefined;
    this.#version = plan.state ?? this.#version;
    this.#effects.readState(this, this.#version, false);
  }

  drained(): void {
    if (this.#isEnded || !this.isCongested) return;
    this.isCongested = false;
    if (this.#statePhase === 'held') this.#readState();
    else this.#readStateIfChanged();
    for (const sync of this.#syncs.values()) {
      if (this.isCongested) return;
      sync.drained();
    }
    this.#tellSynced();
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#pagesWaiting.length = 0;
    for (const sync of this.#syncs.values()) sync.stop();
    this.#syncs.clear();
    this.#effects.ended(this);
  }

  /** Rows of the account's private state changed. */
  changed(): void {
    if (!this.isStarted) return;
    this.#readStateAgain = true;
    this.#readStateIfChanged();
  }

  /** A page of private state came. New conversations among its rows are synced from their first visible entry on. */
  stateRead(page: StatePage): void {
    if (this.#isEnded) return;
    if (this.isCongested) {
      this.#statePhase = 'held';
      return;
    }
    this.#version = page.version;
    this.#isPaging = page.more;
    if (page.rows.length > 0 || page.full || !this.#hasMemberships) this.#note(this.peer.state(page));
    if (this.#hasMemberships) this.#findNewConversations(page);
    else if (this.#isBack) this.#noteMissed(page);
    if (page.more && this.isCongested) this.#statePhase = 'held';
    else if (page.more) this.#readState();
    else this.#stateIsCurrent();
  }

  #stateIsCurrent(): void {
    if (this.#isEnded) return;
    this.#statePhase = 'current';
    if (this.#hasMemberships) this.#readStateIfChanged();
    else this.#effects.readMemberships(this, 0);
  }

  /** A page of memberships of the first round came. */
  membershipsRead(memberships: readonly Membership[], more: boolean): void {
    if (this.#isEnded) return;
    this.#unsettled += 1;
    for (const membership of memberships) this.#beginFirst(membership);
    if (more) this.#effects.readMemberships(this, memberships.at(-1)?.conversation.id ?? 0);
    else this.#finishMemberships();
    this.settled();
  }

  /**
   * One membership came: of a conversation that is new to this session, or whose stays are read again. An answer may
   * be older than what happened since it was asked for; then it is asked for once more.
   */
  membershipRead(conversation: ConversationId, membership: Membership | undefined): void {
    if (this.#isEnded) return;
    const mustAskAgain = this.#asked?.get(conversation) === true;
    this.#asked?.delete(conversation);
    const known = this.#syncs.get(conversation);
    if (mustAskAgain) this.#askMembership(conversation);
    else if (known !== undefined && !known.isEnded) known.staysRead(membership);
    else if (membership !== undefined && goesOn(membership, known?.cursor)) this.#beginLate(membership, known?.cursor);
  }

  /** A page for one of the conversations came. */
  pageRead(sync: ConversationSync, from: Cursor, page: EntryPage): void {
    this.#pagesUnderWay -= 1;
    if (this.#isEnded) return;
    sync.pageRead(from, page);
    this.#askNextPage();
  }

  entry(entry: Entry, conversation: Conversation): boolean {
    return !this.#isEnded && this.#note(this.peer.entry(entry, conversation));
  }

  gap(gap: Gap, conversation: Conversation): boolean {
    return !this.#isEnded && this.#note(this.peer.gap(gap, conversation));
  }

  readPage(sync: ConversationSync, from: Cursor, wanted: number | undefined): void {
    if (this.#isEnded) return;
    this.#pagesWaiting.push({ sync, question: { from, wanted } });
    this.#askNextPage();
  }

  readStays(sync: ConversationSync): void {
    this.#askMembership(sync.conversation.id);
  }

  foreignCursor(conversation: Conversation): void {
    this.#effects.foreignCursor(this.peer, conversation);
  }

  settled(): void {
    this.#unsettled -= 1;
    this.#tellSynced();
  }

  #tellSynced(): void {
    if (this.#unsettled > 0 || !this.#hasMemberships || this.#isSynced || this.isCongested || this.#isEnded) return;
    this.#isSynced = true;
    this.peer.synced();
  }

  #note(hasRoom: boolean): boolean {
    if (!hasRoom) this.isCongested = true;
    return hasRoom;
  }

  #readStateIfChanged(): void {
    if (!this.#readStateAgain || this.#statePhase !== 'current' || !this.#hasMemberships || this.isCongested) return;
    this.#readStateAgain = false;
    this.#readState();
  }

  #readState(): void {
    if (this.#isEnded) return;
    this.#statePhase = 'reading';
    this.#effects.readState(this, this.#version, this.#isPaging);
  }

  #finishMemberships(): void {
    this.#hasMemberships = true;
    this.#missed = undefined;
    // What changed since the state was read may be a conversation that this round of memberships missed.
    this.#readStateIfChanged();
  }

  #noteMissed({ rows }: StatePage): void {
    for (const row of rows) {
      if (row.row === 'conversation' && row.left) (this.#missed ??= new Set()).add(row.conversation.id);
    }
  }

  #findNewConversations(page: StatePage): void {
    for (const row of page.rows) {
      if (row.row !== 'conversation') continue;
      const { id } = row.conversation;
      const known = this.#syncs.get(id);
      // Who left may have been there for a while, unnoticed; and an answer under way may be older than this row.
      const mustAsk = known?.isLeaving ?? !(row.left && this.#passedOver?.has(id));
      if (mustAsk || this.#asked?.has(id)) this.#askMembership(id);
    }
  }

  #askMembership(conversation: ConversationId): void {
    if (this.#isEnded) return;
    this.#asked ??= new Map();
    const isUnderWay = this.#asked.has(conversation);
    this.#asked.set(conversation, isUnderWay);
    if (!isUnderWay) this.#effects.readMembership(this, conversation);
  }

  /** A conversation of the first round. One that is over is begun for who knows it, or has missed it whole. */
  #beginFirst(membership: Membership): void {
    const { conversation, stays } = membership;
    if (this.#syncs.has(conversation.id)) return;
    const start = this.#startOf(membership);
    const isKnown = start.cursor !== undefined || this.#missed?.has(conversation.id);
    if (isKnown || isPresent(stays)) this.#begin(membership, start);
    else (this.#passedOver ??= new Set()).add(conversation.id);
  }

  /** Where the account is, where the device says, or by its default. */
  #startOf({ conversation, readSeq, classicSeq }: Membership): SyncStart {
    if (this.#from === 'account') return goOnAt(Math.max(readSeq, classicSeq) as Seq);
    const known = this.#takeCursor(conversation);
    return { cursor: known?.cursor, acked: known?.acked ?? [], want: known?.want ?? this.#byDefault };
  }

  /** A conversation that appeared later: after what was handed over, or in full. A device may know it from elsewhere. */
  #beginLate(membership: Membership, handedOver: Cursor | undefined): void {
    const known = this.#takeCursor(membership.conversation);
    if (handedOver !== undefined) this.#begin(membership, { cursor: handedOver, acked: [], want: FULL });
    else this.#begin(membership, { cursor: known?.cursor, acked: known?.acked ?? [], want: FULL });
  }

  /** What the device says of a conversation is of use once. */
  #takeCursor({ address }: Conversation): DeviceCursor | undefined {
    const known = this.#cursors?.get(address);
    this.#cursors?.delete(address);
    if (this.#cursors?.size === 0) this.#cursors = undefined;
    return known;
  }

  #begin({ conversation, stays }: Membership, start: SyncStart): void {
    if (this.#isEnded) return;
    const sync = new ConversationSync(this.#effects.feed(conversation), { stays, start }, this);
    this.#unsettled += 1;
    this.#syncs.set(conversation.id, sync);
    sync.begin();
  }

  #askNextPage(): void {
    while (this.#pagesUnderWay < PAGES_AT_ONCE) {
      const next = this.#pagesWaiting.shift();
      if (next === undefined) return;
      this.#pagesUnderWay += 1;
      this.#effects.readPage(this, next.sync, next.question);
    }
  }
}

/** Right after a place of which the account keeps only the seq; 0: there is none. */
function goOnAt(seq: Seq): SyncStart {
  return { cursor: seq === 0 ? undefined : { seq, tag: UNKNOWN_TAG }, acked: [], want: FULL };
}

/** Whether there is or will be something to hand over: to a member, and to a past one after what he was handed. */
function goesOn({ stays }: Membership, handedOver: Cursor | undefined): boolean {
  return isPresent(stays) || (stays.at(-1)?.to ?? 0) > (handedOver?.seq ?? 0);
}
