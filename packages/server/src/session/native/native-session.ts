import {
  type CloseReason,
  type ErrorCode,
  encodeFrame,
  LIMITS,
  type Op,
  PROTOCOL_FLOOR,
  PROTOCOL_VERSION,
  parseFrame,
} from '@parley/protocol';
import { explainRequest, isOp, isRequest, type RequestOf } from '@parley/protocol/validate';
import type { Identity, NewLogin } from '../../chat/accounts.ts';
import { ChatError } from '../../chat/chat-error.ts';
import type { AppendResult, Conversation, DeviceId, Entry, StatePage } from '../../chat/ports/index.ts';
import type { Gap, Peer, SessionSync } from '../../delivery/peer.ts';
import { closeFrame, entryFrame, errorFrame, gapFrame, okFrame, receiptFrame, stateFrames } from '../frames.ts';
import type { Link, LinkListener } from '../link.ts';
import type { SessionDeps } from '../session-deps.ts';
import type { RegisteredSession } from '../session-registry.ts';
import { TokenBucket } from '../token-bucket.ts';
import { HANDLERS, type HandledOp, isHandled } from './handlers/index.ts';
import { PresenceWatch } from './presence-watch.ts';
import { Sender, type SenderAnswers } from './sender.ts';
import { SyncPlanBuilder } from './sync-plan.ts';

type State =
  | { readonly name: 'greeting'; readonly sinceMs: number }
  /** A log-in is being checked; nothing else is read meanwhile, so that what was pipelined behind it waits. */
  | { readonly name: 'checking' }
  | {
      readonly name: 'ready';
      readonly me: Identity;
      readonly sync: SessionSync;
      /** Chunks of a sync that has not begun; undefined afterwards. */
      plan: SyncPlanBuilder | undefined;
      watch: PresenceWatch | undefined;
    }
  | { readonly name: 'closed' };

type Ready = Extract<State, { name: 'ready' }>;

/** Operations that anybody may ask for. */
const BEFORE_LOGIN: ReadonlySet<Op> = new Set(['hello', 'ping', 'register', 'login', 'resume']);

/**
 * One native peer's conversation with us: frames in, calls to the rules; answers and entries out. It writes to the
 * link in one place, and a mistake in answering one request never reaches another session. [WIRE-2] [IDENT-1]
 */
export class NativeSession implements LinkListener, Peer, RegisteredSession, SenderAnswers {
  readonly #link: Link;
  readonly #deps: SessionDeps;
  readonly #bucket: TokenBucket;
  readonly #sender: Sender;
  #state: State;
  /** Who is or was logged in here last; delivery asks while it takes leave. */
  #me: Identity | undefined;
  /** Requests taken and not yet answered. */
  #pending = 0;
  #isCongested = false;
  #isPaused = false;
  #hasPeerEnded = false;

  constructor(link: Link, deps: SessionDeps) {
    this.#link = link;
    this.#deps = deps;
    const now = deps.clock.monotonic();
    const { requestsPerSecond, requestBurst } = deps.settings;
    this.#bucket = new TokenBucket({ perSecond: requestsPerSecond, burst: requestBurst }, now);
    this.#sender = new Sender(deps, this);
    this.#state = { name: 'greeting', sinceMs: now };
    link.expectWithin(LIMITS.silenceMs);
  }

  get user(): Identity['user'] {
    return (this.#me as Identity).user;
  }

  get device(): DeviceId {
    return (this.#me as Identity).device;
  }

  // ——— from the link

  onFrame(text: string): void {
    if (this.#state.name === 'closed') return;
    const parsed = parseFrame(text);
    if (!parsed.ok) {
      this.#write(errorFrame(null, 'malformed', parsed.reason));
      return;
    }
    const { id, op } = parsed.value;
    if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0) {
      this.#write(errorFrame(null, 'bad_request', 'id must be an integer from 0'));
      return;
    }
    this.#take(id, op, parsed.value);
  }

  onBadFrame(kind: 'badUtf8' | 'tooLong'): void {
    if (this.#state.name === 'closed') return;
    if (kind === 'badUtf8') {
      this.#write(errorFrame(null, 'malformed', 'the frame is not UTF-8'));
      return;
    }
    this.#write(errorFrame(null, 'frame_too_long'));
    this.close('framing_lost');
  }

  onDrained(): void {
    this.#isCongested = false;
    this.#setPause();
    if (this.#state.name === 'ready') this.#state.sync.drained();
  }

  onSilent(): void {
    this.close('silent');
  }

  onStuck(): void {
    this.close('slow_reader');
  }

  onPeerEnded(): void {
    this.#hasPeerEnded = true;
    this.#endIfDone();
  }

  onClosed(): void {
    this.#leave();
    this.#state = { name: 'closed' };
    this.#deps.registry.delete(this);
  }

  // ——— from the layer

  goaway(afterMs: number): void {
    if (this.#state.name !== 'closed') this.#write(encodeFrame({ ev: 'goaway', reason: 'shutdown', afterMs }));
  }

  tick(nowMs: number): void {
    const { loginTimeoutMs } = this.#deps.settings;
    if (this.#state.name === 'greeting' && nowMs - this.#state.sinceMs > loginTimeoutMs) this.close('login_timeout');
  }

  // ——— from delivery

  entry(entry: Entry, conversation: Conversation): boolean {
    return this.#write(entryFrame(entry, conversation));
  }

  gap(gap: Gap, conversation: Conversation): boolean {
    return this.#write(gapFrame(gap, conversation));
  }

  state(page: StatePage): boolean {
    let hasRoom = true;
    for (const frame of stateFrames(page, this.user)) hasRoom = this.#write(frame);
    return hasRoom;
  }

  synced(): void {
    this.#write(encodeFrame({ ev: 'synced' }));
  }

  close(reason: CloseReason): void {
    if (this.#state.name === 'closed') return;
    this.#leave();
    this.#write(closeFrame(reason));
    this.#state = { name: 'closed' };
    this.#link.end();
  }

  // ——— requests

  #take(id: number, op: unknown, value: unknown): void {
    const waitMs = this.#bucket.take(this.#deps.clock.monotonic());
    if (waitMs > 0) this.#write(errorFrame(id, new ChatError('rate_limited', { retryAfterMs: waitMs })));
    else if (!isOp(op)) this.refused(id, 'unknown_op');
    else if (this.#state.name !== 'ready' && !BEFORE_LOGIN.has(op)) this.refused(id, 'not_logged_in');
    else if (!isRequest(op, value)) this.#write(errorFrame(id, 'bad_request', explainRequest(op, value)));
    else this.#run(op, value);
  }

  #run(op: Op, request: { readonly id: number }): void {
    if (op === 'send') this.#sender.send(request as RequestOf<'send'>, (this.#state as Ready).me);
    else if (isHandled(op)) this.#answer(request.id, () => this.#handle(op, request));
    else this.#runOwn(op, request as never);
  }

  #handle(op: HandledOp, request: object): object | Promise<object> {
    const { me } = this.#state as Ready;
    // The table is exhaustive and the request was checked against the operation's own schema.
    const handler = HANDLERS[op] as (request: object, caller: object) => object | Promise<object>;
    return handler(request, { me, deps: this.#deps });
  }

  #runOwn(op: Op, request: never): void {
    const { id } = request as { id: number };
    switch (op) {
      case 'hello':
        this.#hello(request);
        break;
      case 'ping':
        this.#write(okFrame(id, {}));
        break;
      case 'register':
      case 'login':
      case 'resume':
        this.#checkLogin(op, request);
        break;
      case 'logout':
        this.#answer(id, () => this.#logout());
        break;
      case 'sync':
        this.#sync(request);
        break;
      case 'friends':
        this.#answer(id, () => this.#friends(request));
        break;
      default:
        this.refused(id, 'unknown_op');
    }
  }

  #hello({ id, versions }: RequestOf<'hello'>): void {
    const isSpoken = (version: number): boolean => version >= PROTOCOL_FLOOR && version <= PROTOCOL_VERSION;
    if (versions !== undefined && !versions.some(isSpoken)) {
      this.refused(id, 'unsupported_version');
      this.close('unsupported_version');
      return;
    }
    const version = versions === undefined ? PROTOCOL_VERSION : Math.max(...versions.filter(isSpoken));
    const { release } = this.#deps.settings;
    this.#write(okFrame(id, { server: 'parley', release, version, capabilities: [], limits: LIMITS }));
  }

  /** Checks a log-in. Nothing else is read until it is decided, so what was pipelined behind it finds a session. */
  #checkLogin(op: 'register' | 'login' | 'resume', request: { readonly id: number }): void {
    const { id } = request;
    if (this.#state.name !== 'greeting') {
      this.refused(id, 'already_logged_in');
      return;
    }
    const greeting = this.#state;
    this.#state = { name: 'checking' };
    this.#setPause();
    this.#answer(id, async () => {
      try {
        const login = await this.#identify(op, request as never);
        this.#enter(login);
        const { user, name, device } = login;
        return { user: { id: user, name }, device, ...('token' in login && { token: login.token }) };
      } finally {
        if (this.#state.name === 'checking') this.#state = greeting;
        this.#setPause();
      }
    });
  }

  async #identify(op: 'register' | 'login' | 'resume', request: never): Promise<Identity | NewLogin> {
    const { accounts } = this.#deps.chat;
    if (op === 'resume') return accounts.resume((request as RequestOf<'resume'>).token);
    if (op === 'register') {
      const { name, password, device } = request as RequestOf<'register'>;
      const id = await accounts.register({ name, password, dialect: 'native' });
      return accounts.createDevice({ id, name }, device);
    }
    const { user, password, device } = request as RequestOf<'login'>;
    const from = { address: this.#link.remoteAddress, isLoopback: this.#link.isLoopback };
    return accounts.logIn({ user, password, from }, device);
  }

  #enter(me: Identity): void {
    if (this.#state.name !== 'checking') return;
    const { chat, delivery, settings } = this.#deps;
    this.#me = me;
    this.#state = { name: 'ready', me, sync: delivery.open(this), plan: new SyncPlanBuilder(), watch: undefined };
    chat.presence.arrived(me.user);
    chat.devices.seen(me.device);
    if (chat.presence.sessionsOf(me.user) > settings.maxSessionsPerUser) this.close('too_many_connections');
  }

  async #logout(): Promise<object> {
    const { me } = this.#state as Ready;
    this.#leave();
    this.#state = { name: 'greeting', sinceMs: this.#deps.clock.monotonic() };
    await this.#deps.chat.accounts.revoke(me, me.device);
    return {};
  }

  #sync(request: RequestOf<'sync'>): void {
    const ready = this.#state as Ready;
    const { plan } = ready;
    if (plan === undefined) {
      this.#write(errorFrame(request.id, 'bad_request', 'this session is synced already'));
      return;
    }
    plan.add(request);
    this.#write(okFrame(request.id, {}));
    if (request.more === true) return;
    ready.plan = undefined;
    ready.sync.start(plan.build());
  }

  async #friends({ after = 0, watch }: RequestOf<'friends'>): Promise<object> {
    const ready = this.#state as Ready;
    const { contacts, presence } = this.#deps.chat;
    const page = await contacts.list(ready.me.user, after);
    if (watch === true && this.#state === ready) {
      ready.watch ??= new PresenceWatch(presence, (frame) => this.#write(frame));
      for (const { user, added, blocked } of page.contacts) {
        if (added && !blocked) ready.watch.add(user);
      }
    }
    return page;
  }

  // ——— from the sender

  taken(): void {
    this.#count(1);
  }

  appended(id: number, conversation: Conversation, result: AppendResult): void {
    this.#count(-1);
    if (result.state === 'committed') this.#write(receiptFrame(id, conversation, result));
    else this.refused(id, result.state === 'refused' ? result.code : 'cancelled');
    this.#endIfDone();
  }

  failed(id: number, error: unknown): void {
    this.#count(-1);
    this.#write(errorFrame(id, this.#explain(error)));
    this.#endIfDone();
  }

  refused(id: number, code: ErrorCode): void {
    this.#write(errorFrame(id, code));
  }

  // ——— answering

  /** Runs a handler and writes what it answers. The only place where a promise of a handler is waited for. */
  #answer(id: number, handle: () => object | Promise<object>): void {
    this.#count(1);
    const settle = (frame: Buffer): void => {
      this.#count(-1);
      this.#write(frame);
      this.#endIfDone();
    };
    Promise.try(handle).then(
      (ok) => settle(okFrame(id, ok)),
      (error: unknown) => settle(errorFrame(id, this.#explain(error))),
    );
  }

  /** What a rule refused is for the client; anything else is a mistake of ours, and in our log. */
  #explain(error: unknown): ChatError {
    return error instanceof ChatError ? error : this.#deps.registry.explain(error);
  }

  #write(frame: Buffer): boolean {
    if (this.#state.name === 'closed') return false;
    if (this.#link.write(frame)) return true;
    this.#isCongested = true;
    this.#setPause();
    return false;
  }

  #count(change: 1 | -1): void {
    this.#pending += change;
    if (this.#pending >= LIMITS.pendingRequests || this.#isPaused) this.#setPause();
  }

  /** A peer that does not read its answers, or asks faster than it can be answered, is not read. [LIMIT-1] */
  #setPause(): void {
    const shouldPause = this.#isCongested || this.#pending >= LIMITS.pendingRequests || this.#state.name === 'checking';
    if (shouldPause === this.#isPaused) return;
    this.#isPaused = shouldPause;
    if (shouldPause) this.#link.pause();
    else this.#link.resume();
  }

  #endIfDone(): void {
    if (!this.#hasPeerEnded || this.#pending > 0 || this.#state.name === 'closed') return;
    this.#leave();
    this.#state = { name: 'closed' };
    this.#link.end();
  }

  /** Takes leave of everything that belongs to the log-in. */
  #leave(): void {
    if (this.#state.name !== 'ready') return;
    const { me, sync, watch } = this.#state;
    sync.end();
    watch?.end();
    this.#deps.chat.presence.left(me.user);
    this.#deps.chat.devices.seen(me.device);
  }
}
