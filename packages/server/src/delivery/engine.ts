import type { UserId } from '@parley/protocol';
import type {
  AppendRequest,
  AppendResult,
  Bus,
  BusEvent,
  Clock,
  CommitOutcome,
  ConversationId,
  DeviceId,
  Entry,
  Store,
} from '../chat/ports/index.ts';
import { OccasionalLog } from '../observe/occasional-log.ts';
import type { DeliveryLog } from './delivery-log.ts';
import { Feeds } from './feeds.ts';
import { MessageLog, type MessageLogEffects, type Pending } from './message-log.ts';
import { PageReader } from './page-reader.ts';
import type { DeliveryDoor, Peer, SessionSync } from './peer.ts';
import { PeerSyncs } from './peer-syncs.ts';
import { PositionWriter } from './position-writer.ts';

/** What delivery is made of. */
export interface DeliveryDeps {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: DeliveryLog;
}

/** Called once with what became of a request. */
type Settled = (result: AppendResult) => void;
type Placed = Extract<AppendResult, { seq: unknown }>;

/** Pause before the outcome of a commit is asked for again, in milliseconds. */
const RETRY_MS = 250;

/** Makes the delivery of one node. */
export function createDelivery(deps: DeliveryDeps): Delivery {
  return new Delivery(deps);
}

/**
 * The path of a message on one node: into the log, and from the commit to all who listen. Carries out what the state
 * machines ask for; with feeds.ts and peer-syncs.ts the only files here that wait for anything. From the socket to
 * the log, and from the commit to the sockets, everything is synchronous.
 */
export class Delivery implements DeliveryDoor, MessageLogEffects<Settled> {
  readonly #store: Store;
  readonly #bus: Bus;
  readonly #clock: Clock;
  readonly #logger: DeliveryLog;
  /** For what may go on for as long as a disk is full. */
  readonly #occasional: OccasionalLog;
  readonly #messageLog = new MessageLog<Settled>(this);
  readonly #feeds: Feeds;
  readonly #syncs: PeerSyncs;
  readonly #positions: PositionWriter;
  #isDraining = false;
  readonly #onIdle: (() => void)[] = [];

  constructor({ store, bus, clock, log }: DeliveryDeps) {
    this.#store = store;
    this.#bus = bus;
    this.#clock = clock;
    this.#logger = log;
    this.#occasional = new OccasionalLog(log, () => clock.monotonic());
    const pages = new PageReader(store);
    this.#feeds = new Feeds({ store, pages, clock, log, onForked: () => this.#syncs.closeAll() });
    this.#positions = new PositionWriter({ store, clock, onMoved: (users) => this.changed(users) });
    const flushPositions = () => this.#positions.flush();
    this.#syncs = new PeerSyncs({ store, feeds: this.#feeds, pages, clock, log, flushPositions });
    bus.listen((event) => this.#hear(event));
  }

  append(request: AppendRequest, settled: Settled): void {
    if (this.#isDraining) settled({ state: 'refused', code: 'draining' });
    else this.#messageLog.append(request, settled);
  }

  isPending(conversation: ConversationId, author: UserId, clientId: string): boolean {
    return this.#messageLog.holds({ conversation, author, clientId });
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

  async drain(): Promise<void> {
    this.#isDraining = true;
    if (!this.#messageLog.isIdle) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    await this.#positions.flush();
  }

  commit(batch: readonly AppendRequest[]): void {
    this.#store.commit(batch).then(
      (outcome) => this.#committed(outcome),
      (error: unknown) => {
        this.#logger.error({ err: error }, 'a commit had no known outcome');
        this.#committed({ state: 'unknown' });
      },
    );
  }

  gather(): void {
    setImmediate(() => this.#messageLog.begin());
  }

  settle(batch: readonly AppendRequest[]): void {
    this.#store.settle(batch).then(
      (outcome) => {
        this.#messageLog.settled(outcome);
        this.changed(membersNamedIn(batch));
        this.#tellIfIdle();
      },
      (error: unknown) => {
        this.#logger.error({ err: error }, 'the outcome of a commit could not be read');
        this.#messageLog.settled({ state: 'unknown' });
      },
    );
  }

  pause(): void {
    this.#clock.after(RETRY_MS, () => this.#messageLog.retry());
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

  #committed(outcome: CommitOutcome): void {
    if (outcome.state === 'failed') this.#occasional.error('a batch could not be stored', { reason: outcome.reason });
    this.#messageLog.committed(outcome);
    if (outcome.state === 'done') this.changed(outcome.changed);
    this.#tellIfIdle();
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
    const { conversation, author } = request;
    const isMessage = placed.state === 'committed' && request.kind === 'message';
    if (isMessage) this.#positions.wrote(author, conversation, placed);
    const isHeard = this.#feeds.isHeard(conversation);
    if (!isHeard && !this.#bus.hasPeers) return;
    const entries = isMessage ? [entryOf(request, placed)] : [];
    const { seq, prevTag } = placed;
    if (isHeard) this.#feeds.notice(conversation, { seq, prevTag, entries });
    if (this.#bus.hasPeers) this.#bus.publish({ kind: 'entries', conversation, prevTag, entries, seq });
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

  #tellIfIdle(): void {
    if (!this.#messageLog.isIdle) return;
    for (const tell of this.#onIdle.splice(0)) tell();
  }
}

function entryOf(request: AppendRequest, { seq, ord, tag, time }: Placed): Entry {
  const { conversation, author, authorName, clientId, text } = request;
  const rest = { target: null, targetName: null, role: null };
  return { conversation, seq, ord, tag, kind: 'message', author, authorName, clientId, time, text, ...rest };
}

/** Which accounts a batch changed is lost with the connection; those that its requests name are told for sure. */
function membersNamedIn(batch: readonly AppendRequest[]): UserId[] {
  return batch.flatMap(({ kind, author, target }) =>
    kind === 'message' || kind === 'cancel' ? [] : [author, target ?? author],
  );
}
