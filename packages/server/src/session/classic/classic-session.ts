import {
  type ClassicRequest,
  createClientId,
  ERROR_CODES,
  encodeClassicFrame,
  type GroupId,
  loginRefusal,
  notDelivered,
  type ParsedClassicRequest,
  parseClassicRequest,
  parseFrame,
  registerAck,
  registerRefusal,
  type SyncMode,
  type UserId,
} from '@parley/protocol';
import type { Identity } from '../../chat/accounts.ts';
import { ChatError } from '../../chat/chat-error.ts';
import type { Origin } from '../../chat/login-guard.ts';
import { type AppendResult, type Conversation, NO_DEVICE } from '../../chat/ports/index.ts';
import type { SessionSync } from '../../delivery/peer.ts';
import type { LogFields } from '../../observe/log.ts';
import { LastAddressed } from '../last-addressed.ts';
import type { Link, LinkListener } from '../link.ts';
import type { SessionDeps } from '../session-deps.ts';
import type { RegisteredSession } from '../session-registry.ts';
import { TokenBucket } from '../token-bucket.ts';
import { ClassicPeer } from './classic-peer.ts';

type Chat = Extract<ClassicRequest, { kind: 'oneChat' | 'groupChat' }>;

type State =
  | { readonly name: 'greeting'; readonly sinceMs: number }
  | { readonly name: 'ready'; readonly me: Identity; readonly peer: ClassicPeer; readonly sync: SessionSync }
  | { readonly name: 'closed' };

const FULL: SyncMode = { mode: 'full' };

/** Requests that wait for the one before; more make the peer wait. */
const MAX_WAITING = 1_000;

/**
 * One classic peer's conversation with us. Its requests are taken one after another, because the dialect cannot tell
 * answers apart and its clients rely on the order. [CLASSIC-2]
 */
export class ClassicSession implements LinkListener, RegisteredSession {
  readonly #link: Link;
  readonly #deps: SessionDeps;
  readonly #bucket: TokenBucket;
  readonly #lastAddressed = new LastAddressed();
  #state: State;
  /** Requests behind the one that is under way. */
  readonly #waiting: ClassicRequest[] = [];
  #isBusy = false;
  #isCongested = false;
  #isPaused = false;
  #hasPeerEnded = false;
  /** The last log-in, once it has ended. */
  #departed: ClassicPeer | undefined;

  constructor(link: Link, deps: SessionDeps) {
    this.#link = link;
    this.#deps = deps;
    const now = deps.clock.monotonic();
    this.#bucket = new TokenBucket(deps.rate, now);
    this.#state = { name: 'greeting', sinceMs: now };
  }

  onFrame(text: string): void {
    if (this.#state.name === 'closed') return;
    this.#deps.registry.requests += 1;
    if (this.#state.name === 'ready') this.#state.peer.received();
    const request = parseRequest(text);
    if (this.#bucket.take(this.#deps.clock.monotonic()) > 0) {
      this.#refuse(request.ok ? answerTo(request.request) : request.answer, ERROR_CODES.rate_limited.meaning);
    } else if (request.ok) {
      this.#enqueue(request.request);
    } else {
      this.#refuse(request.answer, request.reason);
    }
  }

  /** The only answer that every client survives is a whole chat object. */
  onBadFrame(kind: 'badUtf8' | 'tooLong'): void {
    this.#refuse('notDelivered', kind === 'tooLong' ? 'the frame is too long' : 'the frame is not UTF-8');
    if (kind === 'tooLong') this.close();
  }

  onDrained(): void {
    this.#isCongested = false;
    this.#setPause();
    if (this.#state.name === 'ready') this.#state.sync.drained();
  }

  /** Nobody may ping this client, and it never pings: only TCP keep-alive watches it. (C04) */
  onSilent(): void {}

  onStuck(): void {
    this.#deps.log.info({ ...this.#who, code: 'slow_reader' }, 'a session was closed');
    this.close();
  }

  onPeerEnded(): void {
    this.#hasPeerEnded = true;
    if (!this.#isBusy) this.close();
  }

  /** An orderly end says as much as a frame does. A reset, which may follow the peer's end, says nothing. (C69) */
  onClosed(clean: boolean): void {
    this.#leave();
    if (clean) this.#departed?.received();
    this.#departed?.storeReceived();
    this.#state = { name: 'closed' };
    this.#deps.registry.delete(this);
  }

  /** The dialect has no word for it: the connection just ends, and the client with it. */
  goaway(): void {}

  close(): void {
    if (this.#state.name === 'closed') return;
    this.#leave();
    this.#state = { name: 'closed' };
    this.#link.end();
  }

  tick(nowMs: number): void {
    const { loginTimeoutMs } = this.#deps.settings;
    if (this.#state.name === 'ready') this.#state.peer.storeReceived();
    if (this.#state.name === 'greeting' && nowMs - this.#state.sinceMs > loginTimeoutMs) this.close();
  }

  // ——— requests, one after another

  #enqueue(request: ClassicRequest): void {
    const conversation = this.#isBusy ? undefined : this.#knownConversation(request);
    if (conversation !== undefined) {
      this.#append(request as Chat, conversation);
      return;
    }
    this.#waiting.push(request);
    this.#setPause();
    if (!this.#isBusy) void this.#work();
  }

  /** A chat to a conversation that was looked up before goes to the log at once: the hot path. */
  #knownConversation(request: ClassicRequest): Conversation | undefined {
    if (this.#state.name !== 'ready' || (request.kind !== 'oneChat' && request.kind !== 'groupChat')) return undefined;
    return this.#lastAddressed.known(this.#deps.chat.directory, this.#state.me.user, addressOf(request));
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    for (let request = this.#waiting.shift(); request !== undefined; request = this.#waiting.shift()) {
      try {
        await this.#run(request);
      } catch (error) {
        const refusal = error instanceof ChatError ? error : this.#deps.registry.explain(error);
        this.#refuse(answerTo(request), refusal.hint ?? refusal.message, request);
      }
      this.#setPause();
    }
    this.#isBusy = false;
    if (this.#hasPeerEnded) this.close();
  }

  async #run(request: ClassicRequest): Promise<void> {
    if (request.kind === 'register') {
      const id = await this.#deps.chat.accounts.register({ ...request, dialect: 'classic', from: this.#from });
      this.#write(registerAck(id));
    } else if (request.kind === 'login') {
      await this.#login(request.id, request.password);
    } else if (this.#state.name === 'ready') {
      await this.#runAs(this.#state.me, request);
    } else {
      throw new ChatError('not_logged_in');
    }
  }

  async #runAs(me: Identity, request: Exclude<ClassicRequest, { kind: 'register' | 'login' }>): Promise<void> {
    const { chat } = this.#deps;
    switch (request.kind) {
      case 'logout':
        this.#leave();
        this.#state = { name: 'greeting', sinceMs: this.#deps.clock.monotonic() };
        break;
      case 'oneChat':
      case 'groupChat': {
        const conversation = await chat.directory.conversation(me.user, addressOf(request), { open: true });
        if (conversation === undefined) throw new ChatError('no_such_conversation');
        this.#append(request, conversation);
        break;
      }
      case 'addFriend':
        await chat.contacts.change(me.user, request.friendId, { added: true });
        break;
      case 'createGroup': {
        const { name, description } = request;
        await chat.groups.create({ creator: me.user, name, description, clientId: createClientId() });
        break;
      }
      case 'addGroup': {
        const { conversation } = await chat.directory.group(`g${request.groupId}`);
        await chat.sending.change(me, conversation, { kind: 'join', clientId: createClientId() });
        break;
      }
    }
  }

  /** A second log-in on a connection ends the first; what waits for the account comes in or after the answer. (C26) */
  async #login(user: UserId, password: string): Promise<void> {
    const { chat, delivery, settings } = this.#deps;
    const account = await chat.accounts.authenticate({ user, password, from: this.#from });
    const me: Identity = { user: account.id, name: account.name, device: NO_DEVICE };
    const onClose = (): void => this.close();
    const peer = new ClassicPeer(me, { link: this.#link, deps: this.#deps, onClose });
    using refused = new DisposableStack();
    const sync = refused.adopt(delivery.open(peer), (opened) => opened.end());
    peer.onDrained(() => sync.drained());
    // Either a change of the password finds this session and ends it, or this finds the change. [IDENT-3]
    await chat.accounts.assertCurrent(account);
    if (this.#state.name === 'closed') return;
    const isAnother = this.#state.name !== 'ready' || this.#state.me.user !== account.id;
    if (isAnother && chat.presence.sessionsOf(account.id) >= settings.maxSessionsPerUser) {
      throw new ChatError('busy', { hint: 'too many connections of this account' });
    }
    refused.move();
    this.#leave();
    this.#state = { name: 'ready', me, peer, sync };
    this.#deps.log.debug(this.#who, 'logged in');
    chat.presence.arrived(me.user);
    sync.start({ from: 'account', cursors: new Map(), byDefault: FULL, state: undefined });
  }

  #append(chat: Chat, conversation: Conversation): void {
    // Its account's sessions may have been ended while the conversation was looked up. [IDENT-3]
    if (this.#state.name !== 'ready') return;
    const { sending } = this.#deps.chat;
    const { me } = this.#state;
    const clientId = createClientId();
    const refusal = sending.refusal({ text: chat.text, clientId });
    if (refusal !== undefined) {
      this.#refuse('notDelivered', ERROR_CODES[refusal].meaning, chat);
      return;
    }
    const message = { author: me, conversation, text: chat.text, clientId, after: undefined };
    const { peer } = this.#state;
    sending.send(message, (result) => {
      if (result.state === 'committed') this.#tellStored(me, `${conversation.address}/${result.seq}`);
      this.#appended(chat, peer, result);
    });
  }

  #tellStored({ user }: Identity, message: string): void {
    this.#deps.log.debug({ connection: this.#link.id, user, message }, 'message stored');
  }

  /** What became of one's chat is told to nobody who has logged in on the connection since. (C26) */
  #appended(chat: Chat, by: ClassicPeer, result: AppendResult): void {
    if (result.state !== 'refused' || this.#state.name !== 'ready' || this.#state.peer !== by) return;
    this.#refuse('notDelivered', ERROR_CODES[result.code].meaning, chat);
  }

  /** For the log. */
  get #who(): LogFields {
    const { id: connection, remoteAddress: address } = this.#link;
    const me = this.#state.name === 'ready' ? { user: this.#state.me.user } : undefined;
    return { connection, address, ...me };
  }

  get #from(): Origin {
    return { address: this.#link.remoteAddress, isLoopback: this.#link.isLoopback };
  }

  // ——— answering

  #refuse(answer: ReturnType<typeof answerTo>, reason: string, request?: ClassicRequest): void {
    this.#deps.registry.refusals.add('classic');
    if (answer === 'loginAck') this.#write(loginRefusal(reason));
    else if (answer === 'registerAck') this.#write(registerRefusal());
    else if (answer === 'notDelivered') this.#write(this.#notDelivered(reason, request));
  }

  #notDelivered(reason: string, request: ClassicRequest | undefined): object {
    const toId = this.#state.name === 'ready' ? this.#state.me.user : undefined;
    const groupId: GroupId | undefined = request?.kind === 'groupChat' ? request.groupId : undefined;
    return notDelivered({ toId, groupId, reason, timeMs: this.#deps.clock.now() });
  }

  #write(frame: object): void {
    if (this.#state.name === 'closed') return;
    if (this.#link.writePaced(encodeClassicFrame(frame), this.#deps.settings.classicPaceMs)) return;
    this.#isCongested = true;
    this.#setPause();
  }

  /** A peer that asks faster than it can be answered, at its own pace, is not read. [LIMIT-1] */
  #setPause(): void {
    const shouldPause = this.#isCongested || this.#waiting.length >= MAX_WAITING;
    if (shouldPause === this.#isPaused) return;
    this.#isPaused = shouldPause;
    if (shouldPause) this.#link.pause();
    else this.#link.resume();
  }

  #leave(): void {
    if (this.#state.name !== 'ready') return;
    const { me, peer, sync } = this.#state;
    this.#deps.log.debug(this.#who, 'logged out');
    peer.end();
    this.#departed = peer;
    sync.end();
    this.#deps.chat.presence.left(me.user);
  }
}

function parseRequest(text: string): ParsedClassicRequest {
  const frame = parseFrame(text);
  return frame.ok ? parseClassicRequest(frame.value) : { ok: false, answer: 'notDelivered', reason: frame.reason };
}

function addressOf(chat: Chat): string {
  return chat.kind === 'oneChat' ? `u${chat.toId}` : `g${chat.groupId}`;
}

/** How a refusal of this request is told. */
function answerTo(request: ClassicRequest): 'loginAck' | 'registerAck' | 'notDelivered' | 'none' {
  switch (request.kind) {
    case 'login':
      return 'loginAck';
    case 'register':
      return 'registerAck';
    case 'oneChat':
    case 'groupChat':
      return 'notDelivered';
    default:
      return 'none';
  }
}
