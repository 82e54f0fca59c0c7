import {
  type CloseEvent,
  type DecodedFrame,
  ERROR_CODES,
  type EventFrame,
  encodeFrame,
  FrameDecoder,
  type HelloReply,
  LIMITS,
  type Op,
  PROTOCOL_VERSION,
  type ReplyFrame,
  type ReplyOf,
  type RequestOf,
} from '@parley/protocol';
import { ClientError, describeError, refusal } from './errors.ts';
import { Heartbeat } from './heartbeat.ts';
import { PendingRequests } from './pending-requests.ts';
import type { ServerAddress } from './server-address.ts';
import { parseServerFrame } from './server-frame.ts';
import type { Sources } from './sources.ts';
import type { Dial, Transport } from './transport.ts';
import { WakeDetector } from './wake-detector.ts';

/** A request without its number and its operation. */
export type FieldsOf<O extends Op> = Omit<RequestOf<O>, 'id' | 'op'>;

export interface ConnectionOptions {
  readonly address: ServerAddress;
  readonly dial: Dial;
  readonly sources: Sources;
  /** Told to the server in `hello`. */
  readonly clientName: string;
  /** For dialing and the greeting together, in milliseconds. */
  readonly connectTimeoutMs: number;
}

/** How a link ended. */
export interface ConnectionEnd {
  readonly error: ClientError;
  /** Whether coming back is worth while, as far as the server said. */
  readonly reconnect: boolean;
}

export interface ConnectionListener {
  onEvent(event: EventFrame): void;
  /** The link is over; said once, after `open` succeeded. All unanswered requests were rejected before. */
  onEnd(end: ConnectionEnd): void;
}

/** Servers keep their frames below this; a larger one would be a stream of something else. */
const MOST_FRAME_BYTES = 4 * LIMITS.outboundFrameBytes;
/** How often deadlines and the heartbeat are looked at. */
const TICK_MS = 500;
/** How long a retiring link waits for its answers. */
const RETIRE_MS = 2_000;

/** One link's life: dialed, greeted, in use, ended. Never comes back; the next link is another object. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #listener: ConnectionListener;
  readonly #decoder = new FrameDecoder({ maxFrameBytes: MOST_FRAME_BYTES });
  readonly #pending = new PendingRequests();
  readonly #heartbeat: Heartbeat;
  readonly #wake: WakeDetector;
  #transport: Transport | undefined;
  #timer: NodeJS.Timeout | undefined;
  #hello: HelloReply | undefined;
  #farewell: CloseEvent | undefined;
  #retireByMs: number | undefined;
  /** Nothing is written any more. */
  #isLeaving = false;
  #failure: ClientError | undefined;
  #isEnded = false;

  private constructor(options: ConnectionOptions, listener: ConnectionListener) {
    const { sources } = options;
    this.#options = options;
    this.#listener = listener;
    this.#heartbeat = new Heartbeat(sources.monotonicMs());
    this.#wake = new WakeDetector(this.#now(), TICK_MS);
  }

  /**
   * Dials and greets. Rejects with a ClientError: `unreachable` (also when something else than Parley answers),
   * `timeout`, or `refused` when the two have no version in common.
   */
  static async open(
    options: ConnectionOptions,
    listener: ConnectionListener,
    signal?: AbortSignal,
  ): Promise<Connection> {
    const connection = new Connection(options, listener);
    try {
      await connection.#open(signal);
      return connection;
    } catch (error) {
      connection.#isEnded = true; // whoever called `open` knows already
      connection.destroy();
      throw error;
    }
  }

  /** What the server said of itself: its release, capabilities and limits. */
  get hello(): HelloReply {
    return this.#hello as HelloReply;
  }

  /** Writes a request. Rejects with a ClientError: `refused`, `timeout`, or `lost` when the link dies first. */
  async request<O extends Op>(op: O, fields: FieldsOf<O>, timeoutMs: number): Promise<ReplyOf<O>> {
    return await new Promise<ReplyOf<O>>((resolve, reject) => {
      if (this.#transport === undefined || this.#isLeaving) {
        reject(this.#failure ?? lost('The connection is closing.'));
        return;
      }
      const nowMs = this.#options.sources.monotonicMs();
      const waiter = { resolve: resolve as (ok: unknown) => void, reject, deadlineMs: nowMs + timeoutMs };
      const id = this.#pending.add(waiter, nowMs);
      // Last, because fields that a bot read from somewhere may have an id and an op of their own.
      const frame = encodeFrame({ ...fields, id, op });
      if (frame.length - 1 > LIMITS.frameBytes) {
        this.#pending.take(id);
        reject(tooLong()); // the server would end the connection
        return;
      }
      this.#heartbeat.said(nowMs);
      this.#transport.write(frame);
    });
  }

  /** Ends the link in order, as soon as all requests are answered or shortly after. */
  retire(): void {
    this.#isLeaving = true;
    this.#retireByMs ??= this.#options.sources.monotonicMs() + RETIRE_MS;
    this.#retireWhenIdle();
  }

  /** Sends what was written, then ends the link. */
  end(): void {
    this.#isLeaving = true;
    this.#transport?.end();
  }

  /** Ends the link at once; `error` is told to all who wait. */
  destroy(error?: ClientError): void {
    this.#failure ??= error;
    this.#decoder.close();
    this.#transport?.destroy();
    this.#close(undefined);
  }

  async #open(signal: AbortSignal | undefined): Promise<void> {
    const { address, dial, connectTimeoutMs, clientName } = this.#options;
    const deadline = AbortSignal.timeout(connectTimeoutMs);
    const giveUp = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
    const listener = {
      onBytes: (bytes: Uint8Array): void => this.#onBytes(bytes),
      onClose: (error: Error | undefined): void => this.#close(error),
    };
    this.#transport = await dial(address, listener, giveUp);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    const abort = (): void => this.destroy(lost('Gave up.'));
    signal?.addEventListener('abort', abort, { once: true });
    try {
      const greeting = { versions: [PROTOCOL_VERSION], client: clientName };
      this.#hello = await this.request('hello', greeting, connectTimeoutMs);
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  #onBytes(bytes: Uint8Array): void {
    this.#heartbeat.heard(this.#options.sources.monotonicMs());
    this.#decoder.push(bytes, (frame) => this.#onFrame(frame));
  }

  #onFrame(frame: DecodedFrame): void {
    if (frame.kind !== 'text') {
      this.#alien(frame.kind === 'tooLong' ? 'a frame is too long' : 'a frame is not UTF-8');
      return;
    }
    const parsed = parseServerFrame(frame.text);
    if (parsed.kind === 'reply') this.#onReply(parsed.reply);
    else if (parsed.kind === 'event') this.#onEvent(parsed.event);
    else if (parsed.kind === 'alien') this.#alien(parsed.reason);
  }

  #onReply(reply: ReplyFrame): void {
    const waiter = reply.re === null ? undefined : this.#pending.take(reply.re);
    if (waiter !== undefined) {
      if ('ok' in reply) waiter.resolve(reply.ok);
      else waiter.reject(refusal(reply.err));
    }
    this.#retireWhenIdle();
  }

  #onEvent(event: EventFrame): void {
    if (event.ev === 'close') this.#farewell = event;
    else this.#listener.onEvent(event);
  }

  #alien(reason: string): void {
    this.destroy(new ClientError({ kind: 'unreachable', message: `The other end does not speak Parley: ${reason}.` }));
  }

  #tick(): void {
    const now = this.#now();
    this.#pending.expire(now.monotonicMs);
    this.#retireWhenIdle();
    const verdict = this.#wake.look(now)
      ? this.#heartbeat.probe(now.monotonicMs)
      : this.#heartbeat.check(now.monotonicMs, this.#pending.waitingSinceMs);
    if (verdict === 'dead') this.destroy(lost('The server no longer answers.'));
    // Its answer counts when it is heard; that it is missing is the heartbeat's to say.
    else if (verdict === 'ping') this.request('ping', {}, Number.POSITIVE_INFINITY).catch(() => {});
  }

  #retireWhenIdle(): void {
    if (this.#retireByMs === undefined) return;
    const isOverdue = this.#options.sources.monotonicMs() >= this.#retireByMs;
    if (isOverdue || this.#pending.size === 0) this.end();
  }

  #close(error: Error | undefined): void {
    if (this.#transport === undefined) return;
    this.#transport = undefined;
    clearInterval(this.#timer);
    this.#failure ??= this.#reasonOfEnd(error);
    this.#pending.rejectAll(this.#failure);
    if (this.#isEnded || this.#hello === undefined) return;
    this.#isEnded = true;
    this.#listener.onEnd({ error: this.#failure, reconnect: this.#farewell?.reconnect ?? true });
  }

  #reasonOfEnd(error: Error | undefined): ClientError {
    if (this.#farewell !== undefined) {
      return new ClientError({ kind: 'lost', code: this.#farewell.reason, message: this.#farewell.message });
    }
    if (error !== undefined) return lost(`The connection broke: ${describeError(error)}.`, error);
    return lost('The server closed the connection.');
  }

  #now(): { monotonicMs: number; wallMs: number } {
    return { monotonicMs: this.#options.sources.monotonicMs(), wallMs: this.#options.sources.wallMs() };
  }
}

function lost(message: string, cause?: Error): ClientError {
  return new ClientError({ kind: 'lost', message, cause });
}

function tooLong(): ClientError {
  return refusal({ code: 'frame_too_long', message: ERROR_CODES.frame_too_long.meaning });
}
