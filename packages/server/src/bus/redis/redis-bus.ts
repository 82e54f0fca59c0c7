import type { Bus, BusEvent, BusListener, BusTopic, Clock } from '../../chat/ports/index.ts';
import type { Logger } from '../../observe/log.ts';
import { OccasionalLog } from '../../observe/occasional-log.ts';
import { BusCodec } from './bus-message.ts';
import type { Channels } from './channels.ts';
import { type Addressed, Outgoing } from './outgoing.ts';
import type { RedisConnection } from './redis-connection.ts';
import type { LinkUser } from './redis-link.ts';
import { Subscriptions } from './subscriptions.ts';

export interface RedisBusDeps {
  readonly channels: Channels;
  readonly node: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onFailed: (connection: RedisConnection, error: unknown) => void;
}

/** What Redis has not answered yet, in bytes: more is dropped. That many are in memory, whatever Redis does. */
const MAX_UNANSWERED = 8_388_608;

/** What the client keeps for a command besides its text, about. */
const COMMAND_BYTES = 512;

/** The bus over sharded publish/subscribe: a channel for each conversation and each user. [DELIV-2] */
export class RedisBus implements Bus, LinkUser {
  readonly #channels: Channels;
  readonly #codec: BusCodec;
  readonly #outgoing: Outgoing;
  readonly #subscriptions: Subscriptions;
  readonly #log: OccasionalLog;
  #connection: RedisConnection | undefined;
  #listener: BusListener | undefined;
  #isUp = false;
  #isClosed = false;
  #unanswered = 0;
  #dropped = 0;

  constructor({ channels, node, clock, log, onFailed }: RedisBusDeps) {
    this.#channels = channels;
    this.#codec = new BusCodec(node);
    this.#outgoing = new Outgoing(this.#codec, channels.ofTopic);
    this.#log = new OccasionalLog(log, () => clock.monotonic());
    this.#subscriptions = new Subscriptions({
      clock,
      onMessage: (message) => this.#receive(message),
      onConfirmed: () => this.#listener?.mayHaveMissed(),
      onFailed,
    });
  }

  get hasPeers(): boolean {
    return this.#connection !== undefined;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Messages that were not sent because Redis was away or slow. */
  get dropped(): number {
    return this.#dropped;
  }

  publish(event: BusEvent): void {
    if (this.#isClosed) return;
    const isBehind = this.#unanswered > MAX_UNANSWERED;
    if (isBehind) this.#log.warn('Redis does not keep up; other nodes hear late, through the store');
    if (this.#connection === undefined || isBehind) {
      this.#dropped += 1;
      return;
    }
    // A commit publishes for all of its conversations in one turn; no longer than that is waited.
    if (this.#outgoing.isEmpty) queueMicrotask(() => this.#flush());
    this.#outgoing.add(event);
  }

  subscribe(topic: BusTopic): void {
    if (!this.#isClosed) this.#subscriptions.add(this.#channels.ofTopic(topic));
  }

  unsubscribe(topic: BusTopic): void {
    this.#subscriptions.delete(this.#channels.ofTopic(topic));
  }

  listen(listener: BusListener): void {
    this.#listener = listener;
  }

  async close(): Promise<void> {
    this.lost();
    this.#isClosed = true;
    this.#subscriptions.close();
  }

  async connected(connection: RedisConnection): Promise<void> {
    if (this.#isClosed) return;
    this.#connection = connection;
    await this.#subscriptions.connected(connection);
    if (this.#connection !== connection) return;
    this.#isUp = true;
    this.#listener?.mayHaveMissed();
  }

  lost(): void {
    this.#connection = undefined;
    this.#isUp = false;
    this.#unanswered = 0;
    this.#subscriptions.lost();
  }

  #flush(): void {
    const messages = this.#outgoing.take();
    const connection = this.#connection;
    if (connection === undefined) {
      this.#dropped += messages.length;
      return;
    }
    this.#send(connection, messages);
  }

  /** Redis answers in order, so that the last answer stands for all. */
  #send(connection: RedisConnection, messages: readonly Addressed[]): void {
    let bytes = 0;
    let last: Promise<unknown> = Promise.resolve();
    for (const { channel, message } of messages) {
      bytes += message.length + COMMAND_BYTES;
      last = connection.sendCommand(['SPUBLISH', channel, message]);
      last.catch(ignore);
    }
    this.#unanswered += bytes;
    const answered = (): void => {
      if (this.#connection === connection) this.#unanswered -= bytes;
    };
    last.then(answered, (error: unknown) => {
      answered();
      if (this.#connection === connection) this.#log.error('Redis refuses to publish', { reason: String(error) });
    });
  }

  #receive(message: string): void {
    if (this.#isClosed) return;
    const event = this.#codec.decode(message);
    if (event === 'garbage') this.#log.warn('something that no node says came over Redis');
    else if (typeof event !== 'string') this.#listener?.heard(event);
  }
}

/** The connection's own error tells it. */
function ignore(): void {}
