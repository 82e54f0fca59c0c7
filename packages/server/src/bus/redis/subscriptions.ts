import type { Clock, Timer } from '../../chat/ports/index.ts';
import type { RedisConnection } from './redis-connection.ts';

export interface SubscriptionsDeps {
  readonly clock: Clock;
  readonly onMessage: (message: string, channel: string) => void;
  /** Some channels have begun to count; what came on them before was missed. */
  readonly onConfirmed: () => void;
  readonly onFailed: (connection: RedisConnection, error: unknown) => void;
}

/** Channels in one command. */
const BATCH = 500;

/** How long a channel is kept that nobody wants: a user who comes back within costs nothing. */
const LINGER_MS = 5_000;

/**
 * Brings the channels of a connection to those that are wanted, one batch after the other, so that no subscription
 * overtakes the end of the one before it.
 */
export class Subscriptions {
  readonly #deps: SubscriptionsDeps;
  readonly #wanted = new Set<string>();
  /** Wanted, and not asked for on this connection. */
  readonly #added = new Set<string>();
  readonly #active = new Set<string>();
  /** No longer wanted, since when. */
  readonly #leaving = new Map<string, number>();
  #connection: RedisConnection | undefined;
  #isScheduled = false;
  #isRunning = false;
  #sweep: Timer | undefined;

  constructor(deps: SubscriptionsDeps) {
    this.#deps = deps;
  }

  add(channel: string): void {
    this.#leaving.delete(channel);
    if (this.#wanted.has(channel)) return;
    this.#wanted.add(channel);
    if (this.#active.has(channel)) return;
    this.#added.add(channel);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // The others of this turn go into the same batch.
    queueMicrotask(() => {
      this.#isScheduled = false;
      void this.#run();
    });
  }

  delete(channel: string): void {
    if (!this.#wanted.delete(channel)) return;
    if (this.#added.delete(channel)) return;
    this.#leaving.set(channel, this.#deps.clock.monotonic());
    this.#sweep ??= this.#deps.clock.after(LINGER_MS, () => this.#sweepNow());
  }

  /** Subscribes to everything that is wanted; done when all of it is confirmed. */
  connected(connection: RedisConnection): Promise<void> {
    this.lost();
    this.#connection = connection;
    this.#added.clear();
    for (const channel of this.#wanted) this.#added.add(channel);
    return this.#run();
  }

  lost(): void {
    this.#connection = undefined;
    this.#isRunning = false;
    this.#active.clear();
    this.#leaving.clear();
  }

  close(): void {
    this.#sweep?.cancel();
    this.#wanted.clear();
    this.#added.clear();
    this.lost();
  }

  async #run(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined || this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (let step = this.#next(connection); step !== undefined; step = this.#next(connection)) await step;
    } catch (error) {
      this.#deps.onFailed(connection, error);
    }
  }

  /** @returns what has just been asked of Redis; undefined, in this very moment, when there is nothing more to ask */
  #next(connection: RedisConnection): Promise<unknown> | undefined {
    if (this.#connection !== connection) return undefined;
    const added = this.#added.values().take(BATCH).toArray();
    if (added.length > 0) return this.#subscribe(connection, added);
    const ended = this.#takeEnded();
    if (ended.length > 0) return connection.sUnsubscribe(ended);
    this.#isRunning = false;
    return undefined;
  }

  async #subscribe(connection: RedisConnection, channels: string[]): Promise<void> {
    for (const channel of channels) this.#added.delete(channel);
    await connection.sSubscribe(channels, this.#deps.onMessage);
    if (this.#connection !== connection) return;
    for (const channel of channels) this.#active.add(channel);
    this.#deps.onConfirmed();
  }

  #takeEnded(): string[] {
    const untilMs = this.#deps.clock.monotonic() - LINGER_MS;
    const ended: string[] = [];
    for (const [channel, sinceMs] of this.#leaving) {
      if (sinceMs > untilMs || ended.length === BATCH) break;
      this.#leaving.delete(channel);
      if (this.#active.delete(channel)) ended.push(channel);
    }
    return ended;
  }

  #sweepNow(): void {
    this.#sweep = this.#leaving.size === 0 ? undefined : this.#deps.clock.after(LINGER_MS, () => this.#sweepNow());
    void this.#run();
  }
}
