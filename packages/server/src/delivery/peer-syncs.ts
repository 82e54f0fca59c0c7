import type { UserId } from '@parley/protocol';
import { BoundedCache } from '../chat/bounded-cache.ts';
import {
  type Bus,
  type Clock,
  type Conversation,
  type ConversationId,
  type DeviceId,
  NO_DEVICE,
  type PageLimit,
  type StateVersion,
  type Store,
} from '../chat/ports/index.ts';
import type { ConversationSync } from './conversation-sync.ts';
import type { DeliveryLog } from './delivery-log.ts';
import type { Feed } from './feed.ts';
import { type Feeds, PAGE } from './feeds.ts';
import type { PageReader } from './page-reader.ts';
import type { Peer } from './peer.ts';
import { retryRead } from './retry-read.ts';
import { type PageQuestion, PeerSync, type SessionSyncEffects } from './session-sync.ts';

/** Rows of one page of private state, and of memberships. */
const ROWS = 500;
/** Devices remembered as revoked, for log-ins that were checked just before. */
const REVOKED_KEPT = 10_000;
/** At most one alarm about foreign cursors in this time, in milliseconds: a restored backup brings thousands. */
const ALARM_MS = 10_000;

/** What the syncs of a node's sessions need. */
export interface PeerSyncsDeps {
  readonly store: Pick<Store, 'readState' | 'memberships' | 'membership'>;
  readonly bus: Pick<Bus, 'subscribe' | 'unsubscribe'>;
  readonly feeds: Feeds;
  readonly pages: PageReader;
  readonly clock: Clock;
  readonly log: DeliveryLog;
  /** Stores the positions that wait, so that private state is read as its user knows it. */
  flushPositions(): Promise<void>;
}

/** The syncs of all sessions on this node, by account; carries out what they ask for. */
export class PeerSyncs implements SessionSyncEffects {
  readonly #deps: PeerSyncsDeps;
  readonly #sessions = new Map<UserId, Set<PeerSync>>();
  readonly #revoked = new BoundedCache<DeviceId, true>(REVOKED_KEPT);
  #quietUntilMs = 0;

  constructor(deps: PeerSyncsDeps) {
    this.#deps = deps;
  }

  open(peer: Peer): PeerSync {
    const sync = new PeerSync(peer, this);
    const sessions = this.#sessions.get(peer.user);
    if (sessions !== undefined) sessions.add(sync);
    else {
      this.#sessions.set(peer.user, new Set([sync]));
      this.#deps.bus.subscribe({ kind: 'user', id: peer.user });
    }
    // Its token was looked up before it was revoked, and the revocation was told before the session was here.
    if (this.#revoked.get(peer.device) === true) queueMicrotask(() => peer.close('revoked'));
    return sync;
  }

  changed(users: readonly UserId[]): void {
    for (const user of users) {
      for (const sync of this.#sessions.get(user) ?? []) sync.changed();
    }
  }

  /** Closes the sessions of revoked devices. */
  revoked(user: UserId, devices: readonly DeviceId[]): void {
    // Who logs in without a device has proved again who he is.
    for (const device of devices) if (device !== NO_DEVICE) this.#revoked.set(device, true);
    for (const { peer } of this.#sessions.get(user) ?? []) {
      if (devices.includes(peer.device)) peer.close('revoked');
    }
  }

  /** An older copy of the database gives the numbers of devices that it lost to new ones. */
  forgetRevoked(): void {
    this.#revoked.clear();
  }

  /** Closes every session, to start afresh. */
  closeAll(): void {
    for (const sessions of this.#sessions.values()) {
      for (const sync of sessions) sync.peer.close('stale');
    }
  }

  readState(sync: PeerSync, since: StateVersion, paging: boolean): void {
    const read = async () => {
      await this.#deps.flushPositions();
      return this.#deps.store.readState(sync.user, since, { limit: ROWS, paging });
    };
    this.#answer(sync, read, (page) => sync.stateRead(page));
  }

  readMemberships(sync: PeerSync, after: number): void {
    const read = () => this.#deps.store.memberships(sync.user, after, ROWS);
    this.#answer(sync, read, (found) => sync.membershipsRead(found, found.length === ROWS));
  }

  readMembership(sync: PeerSync, conversation: ConversationId): void {
    const read = () => this.#deps.store.membership(sync.user, conversation);
    this.#answer(sync, read, (found) => sync.membershipRead(conversation, found));
  }

  readPage(sync: PeerSync, about: ConversationSync, { from, wanted }: PageQuestion): void {
    const limit: PageLimit = wanted === undefined ? PAGE : { ...PAGE, entries: wanted };
    const { id } = about.conversation;
    const read = () => this.#deps.pages.read(id, from, limit);
    this.#answer(sync, read, (page) => {
      about.feed.pageRead(from, page);
      sync.pageRead(about, from, page);
    });
  }

  feed(conversation: Conversation): Feed {
    return this.#deps.feeds.of(conversation);
  }

  foreignCursor(peer: Peer, conversation: Conversation): void {
    const now = this.#deps.clock.monotonic();
    if (now < this.#quietUntilMs) return;
    this.#quietUntilMs = now + ALARM_MS;
    this.#deps.log.error(
      { conversation: conversation.address, user: peer.user, device: peer.device },
      'a device knows another history than the database: was a backup restored, or did a failover lose its tail?',
    );
  }

  ended(sync: PeerSync): void {
    const sessions = this.#sessions.get(sync.user);
    sessions?.delete(sync);
    if (sessions?.size !== 0) return;
    this.#sessions.delete(sync.user);
    this.#deps.bus.unsubscribe({ kind: 'user', id: sync.user });
  }

  /** Reads until the store can serve or the session is gone. A session that cannot be served has to come back. */
  #answer<T>(sync: PeerSync, read: () => Promise<T>, take: (answer: T) => void): void {
    retryRead(this.#deps.clock, read, () => sync.isStarted).then(take, (error: unknown) => {
      if (!sync.isStarted) return;
      this.#deps.log.error({ err: error, user: sync.user }, 'a session could not be served');
      sync.peer.close('internal');
    });
  }
}
