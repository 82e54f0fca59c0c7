import type { SyncMode, UserId } from '@parley/protocol';
import type {
  Conversation,
  ConversationId,
  Cursor,
  DeviceId,
  Entry,
  StatePage,
  StateVersion,
  Stay,
} from '../../../src/chat/ports/index.ts';
import type { DeviceCursor, Gap, Peer, SessionSync, SyncPlan } from '../../../src/delivery/peer.ts';
import { type Item, judgeEnd, judgeReading, lastVisibleWithin, Reading, type ReadingStart } from './reading.ts';
import type { SimDatabase } from './sim-database.ts';
import type { SimDevice } from './sim-device.ts';

/** What a session is made of. */
export interface SimSessionOptions {
  readonly database: SimDatabase;
  readonly room: number;
  /** What must have come before `synced`, as of now. */
  readonly promisedHead: (conversation: ConversationId) => number;
}

/** One connection of a device: takes what it is handed, gets full now and then, and complains. */
export class SimSession implements Peer {
  readonly device: DeviceId = 1 as DeviceId;
  readonly owner: SimDevice;
  readonly complaints: string[] = [];
  readonly #database: SimDatabase;
  readonly #readings = new Map<ConversationId, Reading>();
  readonly #items: { readonly conversation: Conversation; readonly item: Item }[] = [];
  /** By conversation: what must have come before `synced`, if the stay of then goes on. */
  readonly #promised = new Map<ConversationId, { head: number; stays: number }>();
  readonly #promisedHead: SimSessionOptions['promisedHead'];
  #plan: SyncPlan | undefined;
  #sync: SessionSync | undefined;
  #version: StateVersion | undefined;
  #room: number;
  #syncedTimes = 0;
  isEnded = false;

  constructor(owner: SimDevice, { database, room, promisedHead }: SimSessionOptions) {
    this.owner = owner;
    this.#database = database;
    this.#room = room;
    this.#promisedHead = promisedHead;
  }

  get user(): UserId {
    return this.owner.user;
  }

  get isFull(): boolean {
    return this.#room <= 0;
  }

  start(sync: SessionSync, plan: SyncPlan): void {
    this.#sync = sync;
    this.#plan = plan;
    for (const { conversation } of this.#database.memberships(this.user)) {
      const head = lastVisibleWithin(this.#promisedHead(conversation.id), this.user, [conversation.id, this.#database]);
      this.#promised.set(conversation.id, { head, stays: this.#stays(conversation.id).length });
      if (plan.cursors.has(conversation.address)) this.#reading(conversation);
    }
    sync.start(plan);
  }

  entry(entry: Entry, conversation: Conversation): boolean {
    return this.#take(conversation, { entry });
  }

  gap(gap: Gap, conversation: Conversation): boolean {
    return this.#take(conversation, { gap });
  }

  state(page: StatePage): boolean {
    if (!page.more) this.#version = page.version;
    return this.#takeRoom('state');
  }

  synced(): void {
    this.#syncedTimes += 1;
    this.#judgeCall('synced');
    if (this.#syncedTimes > 1) this.complaints.push('synced twice');
    for (const [id, { head, stays }] of this.#promised) {
      const position = this.#readings.get(id)?.position ?? 0;
      const isSameStay = this.#isPresent(id) && this.#stays(id).length === stays;
      if (this.#plan?.from !== 'account' && isSameStay && position < head) {
        this.complaints.push(`synced before ${head} of conversation ${id} came: stands at ${position}`);
      }
    }
  }

  close(reason: string): void {
    this.complaints.push(`closed: ${reason}`);
    this.end(this.#items.length);
  }

  drain(room: number): void {
    this.#room = room;
    this.#sync?.drained();
  }

  /** Ends; the device got the first `got` of what was handed over, the rest was lost with the connection. */
  end(got: number): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.#sync?.end();
    const version = got === this.#items.length ? this.#version : undefined;
    this.owner.learn(this.#items.slice(0, got), version);
    this.complaints.push(...this.#judgeReadings());
  }

  /** As `end`, but the node is gone and cannot be told. */
  cutOff(got: number): void {
    this.#sync = undefined;
    this.end(got);
  }

  get handedOver(): number {
    return this.#items.length;
  }

  /** Everything has come to rest: nothing may be missing. */
  judgeRest(): string[] {
    const missing = [...this.#readings.values()].flatMap((reading) => judgeEnd(reading, this.user, this.#database));
    const unread = this.#database
      .memberships(this.user)
      .filter(({ conversation: { id } }) => this.#isUnread(id))
      .map(({ conversation }) => `${conversation.address} was never told to user ${this.user}`);
    const synced = this.#syncedTimes === 1 ? [] : [`synced ${this.#syncedTimes} times`];
    const isCurrent = this.#version?.tag === this.#database.version(this.user).tag;
    const state = isCurrent ? [] : [`the private state of user ${this.user} is old`];
    return [...this.complaints, ...this.#judgeReadings(), ...missing, ...unread, ...synced, ...state];
  }

  #judgeReadings(): string[] {
    return [...this.#readings.values()].flatMap((reading) => judgeReading(reading, this.user, this.#database));
  }

  #isPresent(id: ConversationId): boolean {
    return this.#stays(id).at(-1)?.to === null;
  }

  #stays(id: ConversationId): readonly Stay[] {
    return this.#database.membership(this.user, id)?.stays ?? [];
  }

  #isUnread(id: ConversationId): boolean {
    const isAccount = this.#plan?.from === 'account';
    if (isAccount || this.#readings.has(id) || !this.#isPresent(id)) return false;
    return lastVisibleWithin(Number.POSITIVE_INFINITY, this.user, [id, this.#database]) > 0;
  }

  #take(conversation: Conversation, item: Item): boolean {
    this.#items.push({ conversation, item });
    this.#reading(conversation).add(item);
    return this.#takeRoom('an entry or gap');
  }

  #judgeCall(what: string): void {
    if (this.isEnded) this.complaints.push(`${what} came after the end`);
    if (this.isFull) this.complaints.push(`${what} came while the queue was full`);
  }

  #takeRoom(what: string): boolean {
    this.#judgeCall(what);
    this.#room -= 1;
    return !this.isFull;
  }

  #reading(conversation: Conversation): Reading {
    let reading = this.#readings.get(conversation.id);
    if (reading === undefined) {
      reading = new Reading(conversation, this.#startOf(conversation));
      this.#readings.set(conversation.id, reading);
    }
    return reading;
  }

  #startOf(conversation: Conversation): ReadingStart {
    const plan = this.#plan as SyncPlan;
    if (plan.from === 'account') return { cursor: undefined, isForeign: false, want: FULL, from: 'account' };
    const known = plan.cursors.get(conversation.address);
    const want = known?.want ?? plan.byDefault;
    return { cursor: known?.cursor, isForeign: this.#isForeign(conversation, known), want, from: 'device' };
  }

  #isForeign(conversation: Conversation, known: DeviceCursor | undefined): boolean {
    const isForeign = ({ seq, tag }: Cursor) =>
      seq > 0 && this.#database.entries(conversation.id)[seq - 1]?.tag !== tag;
    return known !== undefined && [known.cursor, ...known.acked].some(isForeign);
  }
}

const FULL: SyncMode = { mode: 'full' };
