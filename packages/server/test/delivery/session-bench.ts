import assert from 'node:assert/strict';
import type { Seq, SyncMode } from '@parley/protocol';
import type {
  Conversation,
  ConversationId,
  DeviceId,
  Entry,
  Membership,
  StatePage,
  StateRow,
  StateVersion,
} from '../../src/chat/ports/index.ts';
import type { ConversationSync } from '../../src/delivery/conversation-sync.ts';
import { RingBudget } from '../../src/delivery/entry-ring.ts';
import { Feed, type FeedEffects } from '../../src/delivery/feed.ts';
import type { DeviceCursor, Gap, Peer, SyncPlan } from '../../src/delivery/peer.ts';
import { type PageQuestion, PeerSync, type SessionSyncEffects } from '../../src/delivery/session-sync.ts';
import { ALICE, GROUP, pageOf, seqOf, tagOf } from './builders.ts';

/** A question, which is read for when it is answered; the answer itself may be given later. */
interface Asked {
  readonly what: Question;
  readonly read: () => () => void;
}

type Question = 'state' | 'memberships' | 'membership' | 'page' | 'head' | 'feed page';

const FULL: SyncMode = { mode: 'full' };

/** The group with this number. */
export function group(id: number): Conversation {
  return { ...GROUP, id: id as ConversationId, address: `g${id}` };
}

export function rowOf(id: number, different: { left?: boolean; rev?: number } = {}): StateRow {
  const positions = { readSeq: 0, readOrd: 0, deliveredSeq: 0, head: { seq: 0, ord: 0 } };
  const names = { name: '', description: '', role: 'member' };
  const row = { row: 'conversation', rev: 1, left: false, conversation: group(id), ...names, ...positions };
  return { ...row, ...different } as StateRow;
}

export function versionOf(rev: number): StateVersion {
  return { rev, tag: tagOf(rev) };
}

export function planOf(different: Partial<SyncPlan> & { cursors?: ReadonlyMap<string, DeviceCursor> } = {}): SyncPlan {
  return { from: 'device', cursors: new Map(), byDefault: FULL, state: undefined, ...different };
}

/** One session of Alice's over real feeds, and logs and rows that the test writes. Answers come when it says so. */
export class SessionBench implements Peer, SessionSyncEffects {
  readonly user = ALICE;
  readonly device = 1 as DeviceId;
  readonly logs = new Map<ConversationId, Entry[]>();
  memberships: Membership[] = [];
  rows: StateRow[] = [];
  rev = 1;
  stateRows = 500;
  membershipRows = 500;
  room = Number.POSITIVE_INFINITY;
  /** Called with each line that the peer is handed. */
  onHandedOver: (line: string) => unknown = () => undefined;
  readonly #feeds = new Map<ConversationId, Feed>();
  readonly #budget = new RingBudget(1_000_000);
  readonly #lines: string[] = [];
  #asked: Asked[] = [];
  readonly sync = new PeerSync(this, this);

  /** A conversation that Alice is in. */
  join(id: number, log: Entry[], stays = [{ from: 1 as Seq, to: null as Seq | null }]): void {
    this.logs.set(id as ConversationId, log);
    this.setStays(id, stays);
  }

  setStays(id: number, stays: Membership['stays']): void {
    const rest = this.memberships.filter(({ conversation }) => conversation.id !== id);
    this.memberships = [...rest, { conversation: group(id), stays, readSeq: seqOf(0), classicSeq: seqOf(0) }];
  }

  commit(id: number, ...added: Entry[]): void {
    const log = [...(this.logs.get(id as ConversationId) ?? []), ...added];
    this.logs.set(id as ConversationId, log);
    const first = added[0] as Entry;
    const { seq, tag } = log.at(-1) as Entry;
    const notice = { seq, tag, prevTag: tagOf(first.seq - 1), entries: added };
    this.#feeds.get(id as ConversationId)?.notice(notice);
  }

  get asked(): Question[] {
    return this.#asked.map(({ what }) => what);
  }

  /** Conversations whose feed somebody listens to. */
  get heard(): number[] {
    return [...this.#feeds.keys()];
  }

  /** Answers the oldest question of this kind, with what is true now. */
  answer(what: Question): void {
    this.capture(what)();
  }

  /** The answer to the oldest question of this kind, as it would be now, to be given later. */
  capture(what: Question): () => void {
    const index = this.#asked.findIndex((asked) => asked.what === what);
    assert.notEqual(index, -1, `nobody asked for ${what}, but for: ${this.asked.join()}`);
    const [asked] = this.#asked.splice(index, 1) as [Asked];
    return asked.read();
  }

  rest(): void {
    for (let round = 0; this.#asked.length > 0; round += 1) {
      assert.ok(round < 1_000, 'it asks for ever');
      this.answer((this.#asked[0] as Asked).what);
    }
  }

  drain(room = Number.POSITIVE_INFINITY): void {
    this.room = room;
    this.sync.drained();
  }

  take(): string {
    return this.#lines.splice(0).join(' ');
  }

  entry({ seq }: Entry, { address }: Conversation): boolean {
    return this.#handedOver(`${address}/${seq}`);
  }

  gap({ from, to, reason }: Gap, { address }: Conversation): boolean {
    return this.#handedOver(reason === 'reset' ? `${address}:reset` : `${address}:${reason}(${from}..${to})`);
  }

  state({ rows, full, more, version }: StatePage): boolean {
    const flags = `${full ? '!' : ''}${more ? '+' : ''}`;
    return this.#handedOver(`state${flags}[${rows.map(({ rev }) => rev).join()}]@${version.rev}`);
  }

  synced(): void {
    this.#handedOver('synced');
  }

  close(reason: string): void {
    this.#lines.push(`close(${reason})`);
  }

  /** No version that was told before is known any more. */
  isOlderCopy = false;

  readState(sync: PeerSync, since: StateVersion, paging: boolean): void {
    this.#ask('state', () => {
      const full = this.isOlderCopy ? !paging : !paging && since.tag !== tagOf(since.rev);
      const rows = this.rows.filter(({ rev }) => rev > (full ? 0 : since.rev));
      const page = rows.slice(0, this.stateRows);
      const more = page.length < rows.length;
      const version = versionOf(more ? (page.at(-1)?.rev ?? 0) : this.rev);
      return () => sync.stateRead({ full, rows: page, version, more });
    });
  }

  readMemberships(sync: PeerSync, after: number): void {
    this.#ask('memberships', () => {
      const found = this.memberships.filter(({ conversation }) => conversation.id > after);
      const page = found.slice(0, this.membershipRows);
      return () => sync.membershipsRead(page, page.length < found.length);
    });
  }

  readMembership(sync: PeerSync, id: ConversationId): void {
    this.#ask('membership', () => {
      const found = this.memberships.find(({ conversation }) => conversation.id === id);
      return () => sync.membershipRead(id, found);
    });
  }

  readPage(who: PeerSync, sync: ConversationSync, { from, wanted }: PageQuestion): void {
    this.#ask('page', () => {
      const page = pageOf(this.#log(sync.conversation.id), from.seq, wanted);
      return () => {
        sync.feed.pageRead(from, page);
        who.pageRead(sync, from, page);
      };
    });
  }

  feed(conversation: Conversation): Feed {
    const feed = this.#feeds.get(conversation.id) ?? new Feed(conversation, this.#feedEffects, this.#budget);
    this.#feeds.set(conversation.id, feed);
    return feed;
  }

  foreignCursor(): void {
    this.#lines.push('foreign');
  }

  ended(): void {
    this.#lines.push('ended');
  }

  #log(id: ConversationId): Entry[] {
    return this.logs.get(id) ?? [];
  }

  #ask(what: Question, read: () => () => void): void {
    this.#asked.push({ what, read });
  }

  readonly #feedEffects: FeedEffects = {
    readHead: (feed) =>
      this.#ask('head', () => {
        const { head } = pageOf(this.#log(feed.conversation.id), 1);
        return () => feed.headRead(head);
      }),
    readPage: (feed, from) =>
      this.#ask('feed page', () => {
        const page = pageOf(this.#log(feed.conversation.id), from.seq);
        return () => feed.ownPageRead(from, page);
      }),
    forked: () => void this.#lines.push('forked'),
    unheard: ({ conversation }) => void this.#feeds.delete(conversation.id),
  };

  #handedOver(line: string): boolean {
    const isFull = this.room <= 0;
    this.#lines.push(isFull ? `${line}(full!)` : line);
    if (line !== 'synced') this.room -= 1;
    this.onHandedOver(line);
    return this.room > 0;
  }
}
