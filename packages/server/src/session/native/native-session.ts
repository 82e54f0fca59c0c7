import {
  type CloseReason,
  encodeFrame,
  LIMITS,
  type Op,
  PROTOCOL_FLOOR,
  PROTOCOL_VERSION,
  parseFrame,
} from '@parley/protocol';
import { explainRequest, isOp, isRequest, type RequestOf } from '@parley/protocol/validate';
import type { Identity } from '../../chat/accounts.ts';
import { ChatError } from '../../chat/chat-error.ts';
import type { Conversation, DeviceId, Entry, StatePage } from '../../chat/ports/index.ts';
import type { Gap, Peer, SessionSync } from '../../delivery/peer.ts';
import type { LogFields } from '../../observe/log.ts';
import { closeFrame, entryFrame, fitRows, gapFrame, okFrame, stateFrames } from '../frames.ts';
import type { Link, LinkListener } from '../link.ts';
import type { SessionDeps } from '../session-deps.ts';
import type { RegisteredSession } from '../session-registry.ts';
import { TokenBucket } from '../token-bucket.ts';
import { Answers } from './answers.ts';
import { HANDLERS, type HandledOp, isHandled } from './handlers/index.ts';
import { identify, type LoginRequest } from './identify.ts';
import { PresenceWatch } from './presence-watch.ts';
import { Sender } from './sender.ts';
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
 * One native peer's conversation with us: frames in, calls to the rules; answers and entries out. A mistake in
 * answering one request never reaches another session. [WIRE-2] [IDENT-1]
 */
export class NativeSession implements LinkListener, Peer, RegisteredSession {
  readonly #link: Link;
  readonly #deps: SessionDeps;
  readonly #bucket: TokenBucket;
  readonly #answers: Answers;
  readonly #sender: Sender;
  #state: State;
  /** Who is or was logged in here last; delivery asks while it takes leave. */
  #me: Identity | undefined;
  #hasPeerEnded = false;

  constructor(link: Link, deps: SessionDeps) {
    this.#link = link;
    this.#deps = deps;
    const now = deps.clock.monotonic();
    this.#bucket = new TokenBucket(deps.rate, now);
    this.#answers = new Answers(link, deps.registry, () => this.#endIfDone());
    this.#sender = new Sender(deps, this.#answers, link.id);
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
    this.#deps.registry.requests += 1;
    const parsed = parseFrame(text);
    const id = parsed.ok && isRequestId(parsed.value['id']) ? parsed.value['id'] : null;
    const waitMs = this.#bucket.take(this.#deps.clock.monotonic());
    if (waitMs > 0) this.#answers.refuse(id, new ChatError('rate_limited', { retryAfterMs: waitMs }));
    else if (!parsed.ok) this.#answers.refuse(null, 'malformed', parsed.reason);
    else if (id === null) this.#answers.refuse(null, 'bad_request', 'id must be an integer from 0');
    else this.#takeSafely(id, parsed.value);
  }

  onBadFrame(kind: 'badUtf8' | 'tooLong'): void {
    if (this.#state.name === 'closed') return;
    const waitMs = kind === 'badUtf8' ? this.#bucket.take(this.#deps.clock.monotonic()) : 0;
    if (waitMs > 0) this.#answers.refuse(null, new ChatError('rate_limited', { retryAfterMs: waitMs }));
    else if (kind === 'badUtf8') this.#answers.refuse(null, 'malformed', 'the frame is not UTF-8');
    else this.#answers.refuse(null, 'frame_too_long');
    if (kind === 'tooLong') this.close('framing_lost');
  }

  onDrained(): void {
    this.#answers.drained();
    if (this.#state.name === 'ready') this.#state.sync.drained();
    this.#endIfDone();
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
    this.#end();
    this.#deps.registry.delete(this);
  }

  // ——— from the layer

  goaway(afterMs: number): void {
    this.#answers.write(encodeFrame({ ev: 'goaway', reason: 'shutdown', afterMs }));
  }

  tick(nowMs: number): void {
    const { loginTimeoutMs } = this.#deps.settings;
    if (this.#state.name === 'greeting' && nowMs - this.#state.sinceMs > loginTimeoutMs) this.close('login_timeout');
  }

  // ——— from delivery

  entry(entry: Entry, conversation: Conversation): boolean {
    return this.#answers.write(entryFrame(entry, conversation));
  }

  gap(gap: Gap, conversation: Conversation): boolean {
    return this.#answers.write(gapFrame(gap, conversation));
  }

  state(page: StatePage): boolean {
    let hasRoom = true;
    for (const frame of stateFrames(page, this.user)) hasRoom = this.#answers.write(frame);
    return hasRoom;
  }

  synced(): void {
    this.#answers.write(encodeFrame({ ev: 'synced' }));
  }

  close(reason: CloseReason): void {
    if (this.#state.name === 'closed') return;
    this.#deps.log.info({ ...this.#who, code: reason }, 'a session was closed');
    this.#answers.write(closeFrame(reason));
    this.#end();
    this.#link.end();
  }

  /** For the log. */
  get #who(): LogFields {
    const { id: connection, remoteAddress: address } = this.#link;
    const me = this.#me && { user: this.#me.user, device: this.#me.device };
    return { connection, address, ...me };
  }

  // ——— requests

  #takeSafely(id: number, value: Readonly<Record<string, unknown>>): void {
    try {
      this.#take(id, value);
    } catch (error) {
      this.#answers.refuse(id, this.#deps.registry.explain(error));
    }
  }

  #take(id: number, value: Readonly<Record<string, unknown>>): void {
    const op = Object.hasOwn(value, 'op') ? value['op'] : undefined;
    if (!isOp(op)) this.#answers.refuse(id, 'unknown_op');
    else if (this.#state.name !== 'ready' && !BEFORE_LOGIN.has(op)) this.#answers.refuse(id, 'not_logged_in');
    else if (!isRequest(op, value)) this.#answers.refuse(id, 'bad_request', explainRequest(op, value));
    else this.#run(op, value);
  }

  #run(op: Op, request: { readonly id: number }): void {
    if (op === 'send') this.#sender.send(request as RequestOf<'send'>, (this.#state as Ready).me);
    else if (isHandled(op)) this.#answers.answer(request.id, () => this.#handle(op, request));
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
        this.#answers.write(okFrame(id, {}));
        break;
      case 'register':
      case 'login':
      case 'resume':
        this.#checkLogin(request);
        break;
      case 'logout':
        this.#answers.answer(id, () => this.#logout());
        break;
      case 'sync':
        this.#sync(request);
        break;
      case 'friends':
        this.#answers.answer(id, () => this.#friends(request));
        break;
      default:
        this.#answers.refuse(id, 'unknown_op');
    }
  }

  #hello({ id, versions }: RequestOf<'hello'>): void {
    const isSpoken = (version: number): boolean => version >= PROTOCOL_FLOOR && version <= PROTOCOL_VERSION;
    if (versions !== undefined && !versions.some(isSpoken)) {
      this.#answers.refuse(id, 'unsupported_version');
      this.close('unsupported_version');
      return;
    }
    const version = versions === undefined ? PROTOCOL_VERSION : Math.max(...versions.filter(isSpoken));
    const { release } = this.#deps.settings;
    this.#answers.write(okFrame(id, { server: 'parley', release, version, capabilities: [], limits: LIMITS }));
  }

  /** Checks a log-in. Nothing else is read until it is decided, so what was pipelined behind it finds a session. */
  #checkLogin(request: LoginRequest): void {
    const greeting = this.#state;
    if (greeting.name !== 'greeting') {
      this.#answers.refuse(request.id, 'already_logged_in');
      return;
    }
    this.#state = { name: 'checking' };
    this.#answers.hold();
    this.#answers.answer(request.id, async () => {
      try {
        const login = await identify(request, this.#link, this.#deps);
        this.#enter(login);
        const { user, name, device } = login;
        return { user: { id: user, name }, device, ...('token' in login && { token: login.token }) };
      } finally {
        if (this.#state.name === 'checking') this.#state = greeting;
        this.#answers.release();
      }
    });
  }

  #enter(me: Identity): void {
    if (this.#state.name !== 'checking') return;
    const { chat, delivery, settings } = this.#deps;
    this.#me = me;
    this.#state = { name: 'ready', me, sync: delivery.open(this), plan: new SyncPlanBuilder(), watch: undefined };
    this.#deps.log.debug(this.#who, 'logged in');
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
      this.#answers.refuse(request.id, 'bad_request', 'this session is synced already');
      return;
    }
    plan.add(request);
    this.#answers.write(okFrame(request.id, {}));
    if (request.more === true) return;
    ready.plan = undefined;
    ready.sync.start(plan.build());
  }

  async #friends({ after = 0, watch }: RequestOf<'friends'>): Promise<object> {
    const ready = this.#state as Ready;
    const { clock, chat } = this.#deps;
    const { contacts, presence } = chat;
    const page = await contacts.list(ready.me.user, after);
    const fitting = fitRows(page.contacts);
    if (watch === true && this.#state === ready) {
      ready.watch ??= new PresenceWatch(ready.me.user, {
        presence,
        clock,
        write: (frame) => this.#answers.mention(frame),
      });
      const last = fitting.at(-1)?.user.id ?? 0;
      for (const person of page.shown) if (person.id <= last) ready.watch.add(person);
    }
    return { contacts: fitting, more: page.more || fitting.length < page.contacts.length };
  }

  /** Looks a moment later, because the link hands over what came while it was paused after this call. */
  #endIfDone(): void {
    if (this.#hasPeerEnded && this.#answers.areSettled) process.nextTick(() => this.#endIfStillDone());
  }

  #endIfStillDone(): void {
    if (!this.#answers.areSettled || this.#state.name === 'closed') return;
    this.#end();
    this.#link.end();
  }

  /** Nothing is taken, stored or written from now on. */
  #end(): void {
    this.#leave();
    this.#state = { name: 'closed' };
    this.#sender.close();
    this.#answers.close();
  }

  /** Takes leave of everything that belongs to the log-in. */
  #leave(): void {
    if (this.#state.name !== 'ready') return;
    const { me, sync, watch } = this.#state;
    this.#deps.log.debug(this.#who, 'logged out');
    sync.end();
    watch?.end();
    this.#deps.chat.presence.left(me.user);
    this.#deps.chat.devices.seen(me.device);
  }
}

function isRequestId(id: unknown): id is number {
  return typeof id === 'number' && Number.isSafeInteger(id) && id >= 0;
}
