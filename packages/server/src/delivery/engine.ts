import type { UserId } from '@parley/protocol';
import type {
  AppendRequest,
  AppendResult,
  Bus,
  BusEvent,
  Clock,
  ConversationId,
  DeviceId,
  Entry,
  Journal,
  Store,
} from '../chat/ports/index.ts';
import type { DeliveryLog } from './delivery-log.ts';
import { DeliveryStats } from './delivery-stats.ts';
import { Feeds } from './feeds.ts';
import { JournalPoll } from './journal-poll.ts';
import type { Settled } from './lane.ts';
import { Lanes, type LanesEvents } from './lanes.ts';
import type { Pending } from './message-log.ts';
import { PageReader } from './page-reader.ts';
import type { DeliveryDoor, Peer, SessionSync } from './peer.ts';
import { PeerSyncs } from './peer-syncs.ts';
import { PositionWriter } from './position-writer.ts';

/** What delivery is made of. */
export interface DeliveryDeps {
  readonly store: Store;
  readonly bus: Bus;
  /** What other nodes committed; undefined: there are none. */
  readonly journal?: Journal | undefined;
  readonly clock: Clock;
  readonly log: DeliveryLog;
}

type Placed = Extract<AppendResult, { seq: unknown }>;

/** Makes the delivery of one node. */
export function createDelivery(deps: DeliveryDeps): Delivery {
  return new Delivery(deps);
}

/**
 * The path of a message on one node: into the log, and from the commit to all who listen. Carries out what the state
 * machines ask for; with lane.ts, feeds.ts, peer-syncs.ts and journal-poll.ts the only files here that wait for
 * anything. From the socket to the log, and from the commit to the sockets, everything is synchronous.
 */
export class Delivery implements DeliveryDoor, LanesEvents {
  readonly #bus: Bus;
  readonly #logger: DeliveryLog;
  readonly #lanes: Lanes;
  readonly #feeds: Feeds;
  readonly #syncs: PeerSyncs;
  readonly #positions: PositionWriter;
  readonly #journal: JournalPoll | undefined;
  readonly stats = new DeliveryStats();
  #isDraining = false;
  readonly #onIdle: (() => void)[] = [];
  readonly #onAfresh: (() => void)[] = [];

  constructor({ store, bus, journal, clock, log }: DeliveryDeps) {
    this.#bus = bus;
    this.#logger = log;
    this.#lanes = new Lanes({ store, clock, log, stats: this.stats }, this);
    const pages = new PageReader(store);
    this.#feeds = new Feeds({ store, pages, bus, clock, log, onForked: () => this.#startOver() });
    this.#positions = new PositionWriter({ store, clock, onMoved: (users) => this.changed(users) });
    const flushPositions = () => this.#positions.flush();
    this.#syncs = new PeerSyncs({ store, bus, feeds: this.#feeds, pages, clock, log, flushPositions });
    this.#journal = journal && this.#poll({ journal, bus, clock, log, stats: this.stats });
    bus.listen({ heard: (event) => this.#hear(event), mayHaveMissed: () => this.#journal?.soon() });
  }

  /**
   * Begins to hear what other nodes commit. Before anything is served.
   * @throws {StoreUnavailable} when the store cannot be asked
   */
  async start(): Promise<void> {
    await this.#journal?.start();
  }

  /** Conversations that somebody on this node listens to. */
  get feedCount(): number {
    return this.#feeds.count;
  }

  /** How old what this node knows of the others is by now, in milliseconds; 0 when there are none. */
  get journalAgeMs(): number {
    return this.#journal?.ageMs ?? 0;
  }

  /** What the others did may be unknown here: no send is taken, and no new client should come. */
  get isCutOff(): boolean {
    return this.#journal?.isStale === true;
  }

  append(request: AppendRequest, settled: Settled): void {
    if (this.#isDraining) settled({ state: 'refused', code: 'draining' });
    else if (this.isCutOff) settled({ state: 'refused', code: 'store_unavailable' });
    else this.#lanes.append(request, settled);
  }

  isPending(conversation: ConversationId, author: UserId, clientId: string): boolean {
    return this.#lanes.holds({ conversation, author, clientId });
  }

  open(peer: Peer): SessionSync {
    return this.#syncs.open(peer);
  }

  changed(users: readonly UserId[]): void {
    if (users.length === 0) return;
    this.#syncs.changed(users);
    if (this.#bus.hasPeers) this.#bus.publish({ kind: 'users', users });
  }

  movePosition(move: Parameters<DeliveryDoor['movePosition']>[0]): Promise<void> {
    return this.#positions.move(move);
  }

  revoked(user: UserId, devices: readonly DeviceId[]): void {
    this.#syncs.revoked(user, devices);
    if (this.#bus.hasPeers) this.#bus.publish({ kind: 'revoked', user, devices });
  }

  whenAfresh(forget: () => void): void {
    this.#onAfresh.push(forget);
  }

  async drain(): Promise<void> {
    this.#isDraining = true;
    if (!this.#lanes.areIdle) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    // What cannot be stored now was not acknowledged, and is lost as in a crash: an own message counts as unread.
    const onAway = (err: unknown): void => this.#logger.warn({ err }, 'positions could not be stored before the end');
    await this.#positions.flush().catch(onAway);
    this.#journal?.stop();
  }

  placed(batch: readonly Pending<Settled>[], results: readonly AppendResult[]): void {
    batch.forEach((pending, index) => this.#answer(pending, results[index] as AppendResult));
    batch.forEach(({ request }, index) => {
      const result = results[index] as AppendResult;
      if (result.state !== 'refused' && result.fresh) this.#spread(request, result);
    });
  }

  refused(pending: Pending<Settled>, code: 'store_unavailable' | 'busy'): void {
    this.#answer(pending, { state: 'refused', code });
  }

  ended(): void {
    if (!this.#lanes.areIdle) return;
    for (const tell of this.#onIdle.splice(0)) tell();
  }

  #poll(deps: ConstructorParameters<typeof JournalPoll>[0]): JournalPoll {
    return new JournalPoll(deps, {
      heard: (event) => this.#hear(event),
      behind: (why) => {
        deps.log.error({}, why);
        this.#dropAll();
      },
      forked: (why) => {
        deps.log.error({}, why);
        this.#startOver();
      },
    });
  }

  /** An older copy of the database took over. */
  #startOver(): void {
    for (const forget of this.#onAfresh) forget();
    this.#dropAll();
    this.#syncs.forgetRevoked();
  }

  /** The clients come back with their cursors, and those say what is right. */
  #dropAll(): void {
    this.#feeds.clear();
    this.#syncs.closeAll();
  }

  /** One session's mistake must not keep the others from their answers. */
  #answer({ owner }: Pending<Settled>, result: AppendResult): void {
    try {
      owner(result);
    } catch (error) {
      this.#logger.error({ err: error }, 'an answer could not be given');
    }
  }

  /** Tells those who listen, here and on other nodes. Only messages travel with their body: the rest is rare. */
  #spread(request: AppendRequest, placed: Placed): void {
    this.stats.entries += 1;
    const { conversation, author } = request;
    const isMessage = placed.state === 'committed' && request.kind === 'message';
    if (isMessage) this.#positions.wrote(author, conversation, placed);
    const isHeard = this.#feeds.isHeard(conversation);
    if (!isHeard && !this.#bus.hasPeers) return;
    const entries = isMessage ? [entryOf(request, placed)] : [];
    const { seq, tag, prevTag } = placed;
    if (isHeard) this.#feeds.notice(conversation, { seq, tag, prevTag, entries });
    if (this.#bus.hasPeers) this.#bus.publish({ kind: 'entries', conversation, prevTag, entries, seq, tag });
  }

  #hear(event: BusEvent): void {
    switch (event.kind) {
      case 'entries':
        this.#feeds.notice(event.conversation, event);
        break;
      case 'users':
        this.#syncs.changed(event.users);
        break;
      case 'revoked':
        this.#syncs.revoked(event.user, event.devices);
        break;
    }
  }
}

function entryOf(request: AppendRequest, { seq, ord, tag, time }: Placed): Entry {
  const { conversation, author, authorName, clientId, text } = request;
  const rest = { target: null, targetName: null, role: null };
  return { conversation, seq, ord, tag, kind: 'message', author, authorName, clientId, time, text, ...rest };
}
