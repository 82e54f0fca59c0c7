import type { UserId } from '@parley/protocol';
import type { Clock, Timer, Whereabouts } from '../../chat/ports/index.ts';
import type { Logger } from '../../observe/log.ts';
import { OccasionalLog } from '../../observe/occasional-log.ts';
import { BUS_VERSION, isId, isIds, parseArray } from './bus-message.ts';
import type { Channels } from './channels.ts';
import { type Leases, RENEW, readLeases } from './lease-scripts.ts';
import { type Change, OwnUsers } from './own-users.ts';
import { PeerUsers } from './peer-users.ts';
import type { RedisConnection } from './redis-connection.ts';
import type { LinkUser } from './redis-link.ts';

export interface RedisWhereaboutsDeps {
  readonly channels: Channels;
  readonly node: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onFailed: (connection: RedisConnection, error: unknown) => void;
}

/** A killed node's users are offline within LEASE_MS + GRACE_MS + 2 × RENEW_MS. [PRES-1] */
const RENEW_MS = 1_000;
const LEASE_MS = 4_000;

/** From the end of a lease until its users have left: those of a node that was stopped are on their way to another. */
const GRACE_MS = 2_500;

/** After Redis was away all leases may have run out; so long, everybody has time to renew theirs. */
const SETTLE_MS = 5_000;

/** The set of a node's users outlives its lease, and is gone a while after the node. */
const SET_MS = 30_000;

/** Changes of that time go out together. */
const GATHER_MS = 200;

/** Users that Redis is asked for at once. */
const PAGE = 1_000;

/** How long the goodbye may take, in milliseconds. */
const LEAVE_MS = 500;

/**
 * Who is online, told among nodes: a lease for each node, the set of its users, and the changes as they come. While Redis
 * is away everybody stays what they were. [PRES-1]
 */
export class RedisWhereabouts implements Whereabouts, LinkUser {
  readonly #deps: RedisWhereaboutsDeps;
  readonly #log: OccasionalLog;
  readonly #own = new OwnUsers();
  readonly #peers: PeerUsers;
  #onChange: (user: UserId, isElsewhere: boolean) => void = () => {};
  #connection: RedisConnection | undefined;
  #renewal: Timer | undefined;
  #gathering: Timer | undefined;
  #settledAtMs = 0;
  /** Redis does not have our users, or not as they are. */
  #isUntold = true;
  #isRenewing = false;
  #isLoading = false;
  #isLookingSoon = false;
  #isClosed = false;

  constructor(deps: RedisWhereaboutsDeps) {
    this.#deps = deps;
    this.#log = new OccasionalLog(deps.log, () => deps.clock.monotonic());
    this.#peers = new PeerUsers((user, isElsewhere) => this.#onChange(user, isElsewhere));
  }

  announce(user: UserId, isHere: boolean): void {
    if (this.#isClosed) return;
    this.#own.set(user, isHere);
    this.#gathering ??= this.#deps.clock.after(GATHER_MS, () => this.#tellChanges());
  }

  isElsewhere(user: UserId): boolean {
    return this.#peers.isElsewhere(user);
  }

  listen(onChange: (user: UserId, isElsewhere: boolean) => void): void {
    this.#onChange = onChange;
  }

  async connected(connection: RedisConnection): Promise<void> {
    if (this.#isClosed) return;
    this.#connection = connection;
    this.#settledAtMs = this.#deps.clock.monotonic() + SETTLE_MS;
    await connection.sSubscribe([this.#deps.channels.presence], (message) => this.#receive(message));
    await this.#renew();
  }

  lost(): void {
    this.#connection = undefined;
    this.#isUntold = true;
    this.#isRenewing = false;
    this.#isLoading = false;
    this.#isLookingSoon = false;
    this.#renewal?.cancel();
    this.#peers.interrupted();
  }

  /** Gives the lease back at once. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const connection = this.#connection;
    this.lost();
    this.#gathering?.cancel();
    if (connection !== undefined) await this.#leave(connection);
  }

  async #leave(connection: RedisConnection): Promise<void> {
    const { channels, node, clock } = this.#deps;
    const left = Promise.all([
      connection.sendCommand(['HDEL', channels.leases, node]),
      connection.sendCommand(['DEL', channels.usersOf(node)]),
    ]).catch(ignore);
    const late = new Promise<void>((resolve) => void clock.after(LEAVE_MS, resolve));
    await Promise.race([left, late]);
  }

  /** Renews the own lease, and looks at those of the others. */
  async #renew(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined || this.#isRenewing) return;
    this.#isRenewing = true;
    this.#isLookingSoon = false;
    this.#renewal?.cancel();
    const mustTellAll = this.#isUntold;
    if (mustTellAll) this.#tellAll(connection);
    const leases = await this.#readLeases(connection);
    if (this.#connection !== connection) return;
    this.#isRenewing = false;
    if (leases !== undefined) this.#see(leases);
    // Redis came back empty, or took us for dead: then the set of our users is gone too.
    const isForgotten = leases?.hadOwn === false && !mustTellAll;
    if (isForgotten) this.#isUntold = true;
    this.#renewal = this.#deps.clock.after(isForgotten ? 0 : RENEW_MS, () => void this.#renew());
    void this.#load();
  }

  async #readLeases(connection: RedisConnection): Promise<Leases | undefined> {
    try {
      return readLeases(await connection.sendCommand(this.#renewCommand()));
    } catch (error) {
      this.#refused(connection, error);
      return undefined;
    }
  }

  #renewCommand(): string[] {
    const { channels, node } = this.#deps;
    const keys = [channels.leases, channels.usersOf(node)];
    return ['EVAL', RENEW, '2', ...keys, node, `${this.#own.number}`, `${LEASE_MS}`, `${SET_MS}`];
  }

  #see({ others }: Leases): void {
    const nowMs = this.#deps.clock.monotonic();
    this.#peers.leases(others, Math.max(nowMs + GRACE_MS, this.#settledAtMs));
    this.#peers.sweep(nowMs);
  }

  /** Loads the users of all nodes of which a change was missed, one after the other. */
  async #load(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined || this.#isLoading) return;
    this.#isLoading = true;
    try {
      for (let node = this.#peers.takeStale(); node !== undefined; node = this.#peers.takeStale()) {
        const users = await this.#readUsers(connection, node);
        if (this.#connection !== connection) return;
        this.#peers.loaded(node, users);
      }
    } catch (error) {
      this.#refused(connection, error);
    }
    if (this.#connection === connection) this.#isLoading = false;
  }

  async #readUsers(connection: RedisConnection, node: string): Promise<Set<UserId>> {
    const users = new Set<UserId>();
    let cursor = '0';
    do {
      const command = ['SSCAN', this.#deps.channels.usersOf(node), cursor, 'COUNT', `${PAGE}`];
      const [next, page] = (await connection.sendCommand(command)) as [unknown, unknown[]];
      cursor = String(next);
      for (const user of page.map(Number).filter(isId)) users.add(user as UserId);
    } while (cursor !== '0');
    return users;
  }

  #tellChanges(): void {
    this.#gathering = undefined;
    const connection = this.#connection;
    // All of it goes out with the next lease.
    if (connection === undefined || this.#isUntold) return;
    const { channels, node } = this.#deps;
    const key = channels.usersOf(node);
    for (const change of this.#own.takeChanges()) {
      if (change.came.length > 0) this.#send(connection, ['SADD', key, ...change.came.map(String)]);
      if (change.left.length > 0) this.#send(connection, ['SREM', key, ...change.left.map(String)]);
      this.#send(connection, ['PEXPIRE', key, `${SET_MS}`]);
      this.#publish(connection, change);
    }
  }

  /**
   * Everything at once: Redis may hold nothing of it, or what is long past. Nobody sees the half of it: who reads the
   * set while it is replaced hears of that before the end.
   */
  #tellAll(connection: RedisConnection): void {
    const key = this.#deps.channels.usersOf(this.#deps.node);
    this.#send(connection, ['MULTI']);
    this.#send(connection, ['DEL', key]);
    for (const page of this.#own.takeAll()) this.#send(connection, ['SADD', key, ...page.map(String)]);
    this.#publish(connection, { number: this.#own.number, came: [], left: [] });
    this.#send(connection, ['EXEC']);
    this.#isUntold = false;
  }

  #publish(connection: RedisConnection, { number, came, left }: Change): void {
    const message = `${BUS_VERSION}${JSON.stringify([this.#deps.node, number, came, left])}`;
    this.#send(connection, ['SPUBLISH', this.#deps.channels.presence, message]);
  }

  #send(connection: RedisConnection, command: readonly string[]): void {
    connection.sendCommand(command).catch((error: unknown) => this.#refused(connection, error));
  }

  /**
   * It answers, but does not do it: full, or without the right. That is no reason to give the connection up, which
   * carries messages too; everything is tried again with the next lease. One that became a replica has a successor,
   * perhaps under the same name, where the other nodes are.
   */
  #refused(connection: RedisConnection, error: unknown): void {
    if (this.#connection !== connection) return;
    if (String(error).includes('READONLY')) return this.#deps.onFailed(connection, error);
    this.#isUntold = true;
    this.#peers.notLoaded();
    this.#log.error('Redis refuses to keep who is online', { reason: String(error) });
  }

  #receive(message: string): void {
    if (this.#isClosed || !message.startsWith(BUS_VERSION)) return;
    const [node, number, came, left] = parseArray(message) ?? [];
    if (typeof node !== 'string' || !isId(number) || !isIds(came) || !isIds(left)) {
      this.#log.warn('something that no node says about presence came over Redis');
      return;
    }
    if (node === this.#deps.node) return;
    const change = { number, came: came as UserId[], left: left as UserId[] };
    if (this.#peers.heard(node, change)) void this.#load();
    else this.#lookSoon();
  }

  /** A node that we do not know has something to tell: it may just have come. */
  #lookSoon(): void {
    if (this.#isRenewing || this.#isLookingSoon) return;
    this.#isLookingSoon = true;
    this.#renewal?.cancel();
    this.#renewal = this.#deps.clock.after(GATHER_MS, () => void this.#renew());
  }
}

/** It runs out by itself. */
function ignore(): void {}
