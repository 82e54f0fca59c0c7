import { ERROR_CODES, type EventFrame, type GoawayEvent, isErrorCode } from '@parley/protocol';
import { Connection, type ConnectionEnd, type ConnectionOptions } from './connection.ts';
import { ClientError, describeError } from './errors.ts';
import { ReconnectPolicy } from './reconnect-policy.ts';
import type { LinkStatus, OfflineReason } from './status.ts';
import { WakeDetector } from './wake-detector.ts';

export interface LinkOptions extends ConnectionOptions {
  /** Come back after a loss, and keep trying to get there at all. */
  readonly reconnect: boolean;
}

/** What a link tells its owner, and asks of it. */
export interface LinkListener {
  onStatus(status: LinkStatus): void;
  /** A new connection, before it counts as online: log in and sync. Its refusal decides what follows. */
  prepare(connection: Connection): Promise<void>;
  onOnline(): void;
  /** `isFinal`: it will not come back by itself. */
  onDown(error: ClientError, isFinal: boolean): void;
  onEvent(event: EventFrame): void;
}

/** A link that lasted this long starts the back-off afresh when it is lost; milliseconds. */
const STEADY_MS = 5_000;
/** How often a waiting link looks whether the machine was asleep. */
const WATCH_MS = 1_000;

/** Keeps a connection: connects, comes back after a loss, says in which state it is. */
export class Link {
  readonly #options: LinkOptions;
  readonly #listener: LinkListener;
  readonly #policy: ReconnectPolicy;
  #status: LinkStatus = {
    state: 'offline',
    reason: 'new',
    error: new ClientError({ kind: 'lost', message: 'Not connected.' }),
  };
  #connection: Connection | undefined;
  #onlineSinceMs = 0;
  #started: PromiseWithResolvers<void> | undefined;
  #giveUp = new AbortController();
  #timers: NodeJS.Timeout[] = [];
  /** Someone waits for the end of the connection, and wants no other. */
  #down: PromiseWithResolvers<void> | undefined;

  constructor(options: LinkOptions, listener: LinkListener) {
    this.#options = options;
    this.#listener = listener;
    this.#policy = new ReconnectPolicy({ random: () => options.sources.random() });
  }

  get status(): LinkStatus {
    return this.#status;
  }

  /** The connection in use; undefined unless online. */
  get connection(): Connection | undefined {
    return this.#status.state === 'online' ? this.#connection : undefined;
  }

  /**
   * Connects. Resolves when it is online for the first time; rejects with a ClientError when it goes offline instead
   * (without `reconnect` after one attempt), or when `signal` aborts.
   */
  async start(signal?: AbortSignal): Promise<void> {
    if (this.#status.state === 'online') return;
    if (this.#status.state === 'offline') {
      this.#giveUp = new AbortController();
      this.#started = Promise.withResolvers();
      void this.#attempt();
    }
    const abort = (): void => this.#goOffline('closed', this.#waitingFor());
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted === true) abort();
    await this.#started?.promise.finally(() => signal?.removeEventListener('abort', abort));
  }

  /** Tries at once instead of waiting for the next attempt. */
  retryNow(): void {
    if (this.#status.state !== 'waiting') return;
    this.#clearTimers();
    void this.#attempt();
  }

  /** Ends the connection at once and comes back, if that is wanted: it no longer makes sense. */
  restart(reason: ClientError): void {
    this.#connection?.destroy(reason);
  }

  /** Ends the link in order; resolves when it is down. */
  async close(): Promise<void> {
    const connection = this.#connection;
    if (connection !== undefined && this.#status.state === 'online') {
      const down = Promise.withResolvers<void>();
      this.#down = down;
      connection.end();
      const timer = setTimeout(() => connection.destroy(), 2_000);
      await down.promise;
      this.#down = undefined;
      clearTimeout(timer);
    }
    this.#goOffline('closed', new ClientError({ kind: 'lost', message: 'The client was closed.' }));
  }

  async #attempt(): Promise<void> {
    const { signal } = this.#giveUp;
    this.#setStatus({ state: 'connecting', attempt: this.#policy.failures + 1 });
    let ended: ConnectionEnd | undefined;
    const listener = {
      onEvent: (event: EventFrame): void => this.#onEvent(event),
      onEnd: (end: ConnectionEnd): void => {
        ended = end;
        if (this.#status.state === 'online') this.#onEnd(end);
      },
    };
    try {
      this.#connection = await Connection.open(this.#options, listener, signal);
      await this.#listener.prepare(this.#connection);
      if (ended !== undefined) throw ended.error;
      signal.throwIfAborted();
    } catch (error) {
      if (!signal.aborted) this.#failed(error, ended?.reconnect ?? true);
      return;
    }
    this.#onlineSinceMs = this.#options.sources.monotonicMs();
    this.#setStatus({ state: 'online' });
    this.#listener.onOnline();
    this.#started?.resolve();
  }

  #failed(error: unknown, reconnect: boolean): void {
    this.#connection?.destroy();
    this.#connection = undefined;
    const known =
      error instanceof ClientError
        ? error
        : new ClientError({ kind: 'lost', message: describeError(error), cause: error });
    this.#comeBack(known, reconnect);
  }

  #onEnd({ error, reconnect }: ConnectionEnd): void {
    this.#connection = undefined;
    if (this.#options.sources.monotonicMs() - this.#onlineSinceMs >= STEADY_MS) this.#policy.succeeded();
    if (this.#down === undefined) this.#comeBack(error, reconnect);
    else this.#down.resolve();
  }

  #comeBack(error: ClientError, reconnect: boolean): void {
    const final = finalReason(error) ?? (reconnect ? undefined : 'refused');
    if (final !== undefined || !this.#options.reconnect) {
      this.#goOffline(final ?? 'lost', error);
      return;
    }
    this.#listener.onDown(error, false);
    this.#wait(Math.max(this.#policy.nextWaitMs(), error.retryAfterMs ?? 0), error.message);
  }

  #wait(waitMs: number, reason: string): void {
    const { sources } = this.#options;
    const now = (): { monotonicMs: number; wallMs: number } => ({
      monotonicMs: sources.monotonicMs(),
      wallMs: sources.wallMs(),
    });
    const wake = new WakeDetector(now(), WATCH_MS);
    const watch = (): void => {
      if (wake.look(now())) this.retryNow();
    };
    this.#clearTimers();
    this.#timers = [setTimeout(() => this.retryNow(), waitMs), setInterval(watch, WATCH_MS)];
    this.#setStatus({ state: 'waiting', untilMs: sources.wallMs() + waitMs, attempt: this.#policy.failures, reason });
  }

  #onEvent(event: EventFrame): void {
    if (event.ev === 'goaway' && this.#options.reconnect) this.#leaveLater(event);
    this.#listener.onEvent(event);
  }

  /** The server is about to stop: what is under way is answered first, then the link comes back elsewhere. */
  #leaveLater(event: GoawayEvent): void {
    const leaving = this.#connection;
    this.#timers.push(setTimeout(() => leaving?.retire(), event.afterMs));
  }

  #goOffline(reason: OfflineReason, error: ClientError): void {
    if (this.#status.state === 'offline') return;
    this.#clearTimers();
    this.#giveUp.abort(error);
    const connection = this.#connection;
    this.#connection = undefined;
    this.#setStatus({ state: 'offline', reason, error });
    connection?.destroy(error);
    this.#listener.onDown(error, true);
    this.#started?.promise.catch(() => {}); // `start` may not be waited for any more
    this.#started?.reject(error);
  }

  /** Why a start that is given up has not come further. */
  #waitingFor(): ClientError {
    const reason = this.#status.state === 'waiting' ? this.#status.reason : 'The server did not answer in time.';
    return new ClientError({ kind: 'unreachable', message: reason });
  }

  #setStatus(status: LinkStatus): void {
    this.#status = status;
    this.#listener.onStatus(status);
  }

  #clearTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
  }
}

/** Refusals, and the end of the log-in, after which trying again is useless; undefined: it may help. */
function finalReason(error: ClientError): OfflineReason | undefined {
  if (error.code === 'revoked') return 'auth';
  if (error.kind !== 'refused' || !isErrorCode(error.code)) return undefined;
  const { retry } = ERROR_CODES[error.code];
  if (retry === 'later') return undefined;
  return retry === 'login' || error.code === 'account_disabled' ? 'auth' : 'refused';
}
