import {
  type AppendReply,
  createClientId,
  type EntryEvent,
  type EventFrame,
  type GapEvent,
  type GoawayEvent,
  type HelloReply,
  type LoginReply,
  type Op,
  type OutcomeReply,
  type PresenceEvent,
  type ReplyOf,
  type StateEvent,
  type SyncCursor,
  type UserRef,
  type WireError,
} from '@parley/protocol';
import { checkMessage } from './check-message.ts';
import type { Connection, FieldsOf } from './connection.ts';
import type { CursorVerdict } from './conversation-cursor.ts';
import { CursorTable, type SyncOptions } from './cursor-table.ts';
import { ClientError } from './errors.ts';
import { Link } from './link.ts';
import { Listeners } from './listeners.ts';
import { Sending, type Sent } from './sending.ts';
import { DEFAULT_HOST, DEFAULT_PORT, parseServerAddress } from './server-address.ts';
import { type Sources, systemSources } from './sources.ts';
import type { LinkStatus } from './status.ts';
import { dialTcp } from './tcp-transport.ts';
import type { Dial } from './transport.ts';

export interface ClientOptions {
  /** `[parley://|parleys://]HOST[:PORT]`; 127.0.0.1:6000 unless told otherwise. */
  readonly server?: string;
  /** Of a device of the account: resumes its session at every connect. */
  readonly token?: string;
  /** Come back after a lost link, resume and sync again, and send again what was not answered. Off by default. */
  readonly reconnect?: boolean;
  /** For an answer, in milliseconds (10,000). */
  readonly requestTimeoutMs?: number;
  /** For dialing and greeting once, in milliseconds (10,000). */
  readonly connectTimeoutMs?: number;
  /** Told to the server. */
  readonly clientName?: string;
  /** Another way to the server, for tests. */
  readonly dial?: Dial;
  /** Time and chance, for tests. */
  readonly sources?: Sources;
}

/** What a client tells; listeners are called in order, and before the next event is read. */
export interface ClientEvents {
  status: [status: LinkStatus];
  /** The next entry of a conversation: each once, rising, without an unseen hole. */
  entry: [entry: EntryEvent];
  /** Entries that do not come by themselves, and why. */
  gap: [gap: GapEvent];
  /** Rows of the account's private state that changed. */
  state: [state: StateEvent];
  /** Everything that was there when `sync` was asked has been told. */
  synced: [];
  presence: [presence: PresenceEvent];
  goaway: [goaway: GoawayEvent];
}

export interface SendOptions {
  /**
   * Makes a repeat harmless; a new UUID of version 7 unless given. Of the messages that are under way at once no two
   * may share one, also to different conversations.
   */
  readonly clientId?: string;
  /** How long to try, in milliseconds; `requestTimeoutMs` unless given. */
  readonly timeoutMs?: number;
  /** It may have reached the server in an earlier life of the program. */
  readonly mayBeStored?: boolean;
  /** Asked before each time that it goes over the wire. False: it was taken back, and `send` rejects. */
  readonly mayGo?: () => boolean;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * A chat client: one account's device on one server. Logs in, sends, follows conversations; with `reconnect` it comes
 * back by itself. Everything that can fail outside of the program is a ClientError.
 */
export class ChatClient {
  readonly #timeoutMs: number;
  readonly #listeners = new Listeners<ClientEvents>();
  readonly #link: Link;
  readonly #sending: Sending;
  #token: string | undefined;
  #session: LoginReply | undefined;
  #hello: HelloReply | undefined;
  #cursors: CursorTable | undefined;
  /** Where the server has taken our cursors: it does so once for each log-in. */
  #syncedOn: Connection | undefined;

  /** Does not connect yet. Throws a TypeError when `server` is no address. */
  constructor(options: ClientOptions = {}) {
    this.#timeoutMs = options.requestTimeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#token = options.token;
    const sources = options.sources ?? systemSources;
    const address = parseServerAddress(options.server ?? `${DEFAULT_HOST}:${DEFAULT_PORT}`);
    if (address === undefined) throw new TypeError(`not a server address: ${options.server}`);
    this.#sending = new Sending(sources);
    const link = {
      address,
      sources,
      dial: options.dial ?? dialTcp,
      clientName: options.clientName ?? 'parley-client',
      connectTimeoutMs: options.connectTimeoutMs ?? DEFAULT_TIMEOUT_MS,
      reconnect: options.reconnect ?? false,
    };
    this.#link = new Link(link, {
      onStatus: (status) => this.#listeners.emit('status', status),
      prepare: async (connection) => await this.#prepare(connection),
      onOnline: () => this.#startSending(),
      onDown: (error, isFinal) => this.#sending.linkDown(isFinal ? error : undefined),
      onEvent: (event) => this.#onEvent(event),
    });
  }

  get status(): LinkStatus {
    return this.#link.status;
  }

  /** Whose session it is; undefined before the log-in. Stays while the link is down. */
  get user(): UserRef | undefined {
    return this.#session?.user;
  }

  /** The number of this device among the account's; undefined before the log-in. */
  get device(): number | undefined {
    return this.#session?.device;
  }

  /** Resumes this device's session elsewhere, or later; secret. Undefined before the log-in. */
  get token(): string | undefined {
    return this.#token;
  }

  /** What the server said of itself at the last connect: release, capabilities, limits. */
  get serverHello(): HelloReply | undefined {
    return this.#hello;
  }

  /**
   * Connects, and resumes the session when there is a token. Without `reconnect` it tries once; with it, until
   * `signal` aborts or the server refuses the token. Rejects with a ClientError.
   */
  async connect(signal?: AbortSignal): Promise<void> {
    await this.#link.start(signal);
  }

  /** Calls `listener` at each event; the returned function ends that. */
  on<K extends keyof ClientEvents>(event: K, listener: (...args: ClientEvents[K]) => void): () => void {
    return this.#listeners.on(event, listener);
  }

  /** Waits for the next event for which `where` holds. Rejects with a ClientError (`timeout`) after `timeoutMs`. */
  async waitFor<K extends keyof ClientEvents>(
    event: K,
    where: (...args: ClientEvents[K]) => boolean = () => true,
    timeoutMs: number = this.#timeoutMs,
  ): Promise<ClientEvents[K]> {
    return await new Promise((resolve, reject) => {
      const end = this.on(event, (...args) => {
        if (!where(...args)) return;
        end();
        clearTimeout(timer);
        resolve(args);
      });
      const timer = setTimeout(() => {
        end();
        reject(new ClientError({ kind: 'timeout', message: `No such event came in time: ${event}.` }));
      }, timeoutMs);
    });
  }

  /** Makes an account and logs in: the reply's token belongs to a new device. */
  async register(fields: FieldsOf<'register'>): Promise<LoginReply> {
    return this.#loggedIn(await this.request('register', fields));
  }

  /** Logs in with a password: the reply's token belongs to a new device. */
  async login(fields: FieldsOf<'login'>): Promise<LoginReply> {
    return this.#loggedIn(await this.request('login', fields));
  }

  /** Logs in as a device of the account, and at every connect from now on. */
  async resume(token: string): Promise<LoginReply> {
    return this.#loggedIn(await this.request('resume', { token }), token);
  }

  /** Revokes this device; the connection stays and can log in again. */
  async logout(): Promise<void> {
    await this.request('logout', {});
    this.#token = undefined;
    this.#session = undefined;
    this.#cursors = undefined;
    this.#syncedOn = undefined;
  }

  /**
   * Any operation. Rejects with a ClientError: `refused`, `lost` (also when there is no link now), `timeout`, or
   * `unknown_outcome` when a request with a client id was written and not answered.
   */
  async request<O extends Op>(op: O, fields: FieldsOf<O>, timeoutMs = this.#timeoutMs): Promise<ReplyOf<O>> {
    const connection = this.#link.connection;
    if (connection === undefined) throw new ClientError({ kind: 'lost', message: 'There is no connection.' });
    try {
      const reply = await connection.request(op, fields, timeoutMs);
      if ('clientId' in fields) this.#acknowledge(reply);
      return reply;
    } catch (error) {
      throw withOutcome(error, fields);
    }
  }

  /**
   * Begins to follow the account's conversations: resolves when the server has taken the cursors; `state`, `entry` and
   * `gap` events follow, then `synced`, then everything as it happens. Done again by itself after a reconnect; once
   * done, asking again is refused and changes nothing.
   */
  async sync(options: SyncOptions = {}): Promise<void> {
    const { connection } = this.#link;
    if (connection !== undefined && connection === this.#syncedOn) {
      throw new ClientError({ kind: 'refused', code: 'bad_request', message: 'This session is synced already.' });
    }
    const cursors = new CursorTable(options);
    this.#cursors = cursors;
    const requests = cursors.requests().map(async (fields) => await this.request('sync', fields));
    await Promise.all(requests);
    this.#syncedOn = connection;
  }

  /** Where this device stands in each conversation, to begin there another time; empty before `sync`. */
  cursors(): SyncCursor[] {
    return this.#cursors?.cursors() ?? [];
  }

  /**
   * Sends a message to `@name`, `#name`, `u42`, `g7` or `d17-42`; resolves when it is stored. Messages to one
   * conversation are stored in the order of the calls, also when one is refused and others follow. Refusals for the
   * moment, and with `reconnect` lost links, are tried again under the same client id until `timeoutMs`.
   *
   * Rejects with a ClientError that has the `clientId`. After `unknown_outcome` send it again under that id, or go on:
   * the next message to the conversation settles it (it is stored before that one, or cancelled).
   */
  async send(to: string, text: string, options: SendOptions = {}): Promise<Sent> {
    const { clientId = createClientId(), timeoutMs = this.#timeoutMs, ...rest } = options;
    checkMessage({ to, clientId, text });
    const { status } = this.#link;
    if (status.state === 'offline') {
      throw new ClientError({ kind: 'lost', message: status.error.message, clientId });
    }
    const sent = await this.#sending.send({ ...rest, clientId, to, text }, timeoutMs);
    this.#acknowledge(sent);
    return sent;
  }

  /** Why a message that is being sent has to wait, when the server said so and no copy of it may be stored. */
  refusedForNow(clientId: string): WireError | undefined {
    return this.#sending.refusedForNow(clientId);
  }

  /** What became of a client id of one's own. `pending` and `unknown` are not yet "never". */
  async outcome(to: string, clientId: string): Promise<OutcomeReply> {
    return await this.request('outcome', { to, clientId });
  }

  /** Makes "never" final, unless it is stored already. */
  async cancel(to: string, clientId: string): Promise<OutcomeReply> {
    return await this.request('cancel', { to, clientId });
  }

  /** Tries at once instead of waiting for the next attempt. */
  reconnectNow(): void {
    this.#link.retryNow();
  }

  /** Sends what was written, then ends the connection. The session stays valid on the server. */
  async close(): Promise<void> {
    await this.#link.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #prepare(connection: Connection): Promise<void> {
    this.#hello = connection.hello;
    if (this.#token === undefined) return;
    this.#session = await connection.request('resume', { token: this.#token }, this.#timeoutMs);
    if (this.#cursors === undefined) return;
    const requests = this.#cursors.requests();
    await Promise.all(requests.map(async (fields) => await connection.request('sync', fields, this.#timeoutMs)));
    this.#syncedOn = connection;
  }

  #startSending(): void {
    const connection = this.#link.connection;
    if (connection !== undefined && this.#session !== undefined) this.#sending.linkUp(connection);
  }

  #loggedIn(reply: LoginReply, token = reply.token): LoginReply {
    this.#session = reply;
    this.#token = token;
    this.#startSending();
    return reply;
  }

  #onEvent(event: EventFrame): void {
    switch (event.ev) {
      case 'entry':
        if (this.#isNext(this.#cursors?.entry(event))) this.#listeners.emit('entry', event);
        break;
      case 'gap':
        if (this.#isNext(this.#cursors?.gap(event))) this.#listeners.emit('gap', event);
        break;
      case 'state':
        this.#listeners.emit('state', event);
        this.#cursors?.stateMoved(event);
        break;
      case 'synced':
        this.#listeners.emit('synced');
        break;
      case 'presence':
        this.#listeners.emit('presence', event);
        break;
      case 'goaway':
        this.#listeners.emit('goaway', event);
        break;
      case 'close':
        break; // the connection keeps it as its reason
    }
  }

  #isNext(verdict: CursorVerdict | undefined): boolean {
    if (verdict === 'hole' || verdict === 'fork') {
      const message =
        verdict === 'hole' ? 'Entries were missing; syncing again.' : 'The server has another history; syncing again.';
      this.#link.restart(new ClientError({ kind: 'lost', code: verdict, message }));
    }
    return verdict === 'deliver';
  }

  #acknowledge(reply: Partial<Pick<AppendReply, 'conversation' | 'seq' | 'tag'>> | object): void {
    const { conversation, seq, tag } = reply as Partial<AppendReply>;
    if (conversation === undefined || seq === undefined || tag === undefined) return;
    this.#cursors?.acknowledge(conversation, { seq, tag });
  }
}

/**
 * Connects and, with a token, resumes: a client that is ready for use. Rejects with a ClientError, or a TypeError when
 * `server` is no address.
 */
export async function connect(options: ClientOptions = {}, signal?: AbortSignal): Promise<ChatClient> {
  const client = new ChatClient(options);
  await client.connect(signal);
  return client;
}

/** A request that was written and not answered may have been carried out. */
function withOutcome(error: unknown, fields: object): unknown {
  const clientId = (fields as { clientId?: string }).clientId;
  const isOpen = error instanceof ClientError && (error.kind === 'lost' || error.kind === 'timeout');
  if (!isOpen || clientId === undefined) return error;
  const message = `${error.message} It may have been carried out or not.`;
  return new ClientError({ kind: 'unknown_outcome', message, clientId, cause: error });
}
