import assert from 'node:assert/strict';
import type { SyncMode } from '@parley/protocol';
import type { Conversation, Cursor, Entry, Stay } from '../../src/chat/ports/index.ts';
import { ConversationSync, type ConversationSyncEffects } from '../../src/delivery/conversation-sync.ts';
import { RingBudget } from '../../src/delivery/entry-ring.ts';
import { Feed, type FeedEffects } from '../../src/delivery/feed.ts';
import type { Gap } from '../../src/delivery/peer.ts';
import type { SyncStart } from '../../src/delivery/sync-start.ts';
import { ALICE, GROUP, membership, pageOf, seqOf, tagOf } from './builders.ts';

type Question = 'head' | 'feed page' | 'page' | 'stays';

interface Asked {
  readonly what: Question;
  readonly answer: () => void;
}

export const FULL: SyncMode = { mode: 'full' };

export function lazy(last: number): SyncMode {
  return { mode: 'lazy', last };
}

/** One conversation's sync for Alice, over a real feed and a log that the test writes. Answers come when it says so. */
export class SyncBench implements FeedEffects, ConversationSyncEffects {
  readonly user = ALICE;
  readonly feed: Feed;
  log: readonly Entry[];
  /** Alice's, as the database has them. */
  stays: readonly Stay[];
  pageRows = 200;
  isCongested = false;
  /** How many more may be handed over before the queue is full. */
  room = Number.POSITIVE_INFINITY;
  readonly #lines: string[] = [];
  #asked: Asked[] = [];

  constructor(log: readonly Entry[], stays: readonly Stay[], conversation: Conversation = GROUP) {
    this.log = log;
    this.stays = stays;
    this.feed = new Feed(conversation, this, new RingBudget(1_000_000));
  }

  /** Begins a sync, from the stays as they are now. */
  begin(start: Partial<SyncStart> = {}): ConversationSync {
    const whole = { cursor: undefined, acked: [], want: FULL, ...start };
    const sync = new ConversationSync(this.feed, { stays: this.stays, start: whole }, this);
    sync.begin();
    return sync;
  }

  /** Makes the feed know its position, for another listener. */
  startFeed(): void {
    this.feed.listen({ started: () => undefined, next: () => undefined, caughtUp: () => undefined });
    this.answer('head');
  }

  /** Commits, and tells the feed as this node would. */
  commit(...added: Entry[]): void {
    this.log = [...this.log, ...added];
    const first = added[0] as Entry;
    this.feed.notice({ seq: this.headSeq, tag: tagOf(this.headSeq), prevTag: tagOf(first.seq - 1), entries: added });
  }

  /** Tells the feed that there is something new, without a body. */
  tellHead(): void {
    this.feed.notice({ seq: this.headSeq, tag: tagOf(this.headSeq), prevTag: tagOf(0), entries: [] });
  }

  get headSeq() {
    return seqOf(this.log.length);
  }

  /** What waits for an answer. */
  get asked(): Question[] {
    return this.#asked.map(({ what }) => what);
  }

  /** Answers the oldest question of this kind. */
  answer(what: Question): void {
    const index = this.#asked.findIndex((asked) => asked.what === what);
    assert.notEqual(index, -1, `nobody asked for ${what}, but for: ${this.asked.join()}`);
    const [asked] = this.#asked.splice(index, 1);
    asked?.answer();
  }

  /** Answers everything until nothing is asked any more. */
  rest(): void {
    for (let round = 0; this.#asked.length > 0; round += 1) {
      assert.ok(round < 1_000, 'it reads for ever');
      this.#asked.shift()?.answer();
    }
  }

  drain(sync: ConversationSync, room = Number.POSITIVE_INFINITY): void {
    this.room = room;
    this.isCongested = false;
    sync.drained();
  }

  /** What was handed over and told since the last call. */
  take(): string {
    return this.#lines.splice(0).join(' ');
  }

  readHead(feed: Feed): void {
    this.#ask('head', () => feed.headRead(pageOf(this.log, 1).head));
  }

  readPage(who: Feed | ConversationSync, from: Cursor, wanted?: number): void {
    const read = () => pageOf(this.log, from.seq, wanted ?? this.pageRows);
    if (who instanceof Feed) {
      this.#ask('feed page', () => who.ownPageRead(from, read()));
    } else {
      this.#ask('page', () => {
        const page = read();
        this.feed.pageRead(from, page);
        who.pageRead(from, page);
      });
    }
  }

  readStays(sync: ConversationSync): void {
    this.#ask('stays', () => sync.staysRead(membership(this.stays)));
  }

  entry({ seq, tag }: Entry): boolean {
    assert.equal(this.isCongested, false, `${seq} was handed over while the queue was full`);
    assert.equal(tag, this.log[seq - 1]?.tag);
    return this.#handedOver(`${seq}`);
  }

  gap({ from, to, tag, reason }: Gap): boolean {
    assert.equal(this.isCongested, false, 'a gap was told while the queue was full');
    if (reason === 'reset') return this.#handedOver('reset');
    assert.equal(tag, to === 0 ? 0 : this.log[to - 1]?.tag, 'the tag of a gap is that of its last entry');
    return this.#handedOver(`${reason}(${from}..${to})`);
  }

  foreignCursor(): void {
    this.#lines.push('foreign');
  }

  settled(): void {
    this.#lines.push('settled');
  }

  forked(): void {
    this.#lines.push('forked');
  }

  unheard(): void {
    this.#lines.push('unheard');
  }

  #ask(what: Question, answer: () => void): void {
    this.#asked.push({ what, answer });
  }

  #handedOver(line: string): boolean {
    this.#lines.push(line);
    this.room -= 1;
    if (this.room <= 0) this.isCongested = true;
    return !this.isCongested;
  }
}
