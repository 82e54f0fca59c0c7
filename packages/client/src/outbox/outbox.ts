import { addressKey } from '@parley/protocol';
import type { ChatClient } from '../chat-client.ts';
import { checkMessage } from '../check-message.ts';
import { ClientError, describeError } from '../errors.ts';
import { isDiskTrouble, type StoreFile } from '../local/store-file.ts';
import type { Sent } from '../sending.ts';
import { OutboxLock } from './outbox-lock.ts';
import { type Added, type OutboxItem, type OutboxMessage, OutboxStore } from './outbox-store.ts';

/** How often it looks for what other processes of the profile did, in milliseconds. */
const LOOK_MS = 100;
/** How long a link is waited for when something that may have arrived is taken back, in milliseconds. */
const DEFAULT_DROP_MS = 10_000;
/** What the disk did not take is written again after this time, in milliseconds. */
const WRITE_AGAIN_MS = 1_000;
/** Messages handed to the link at once; the rest waits on disk. */
const MOST_UNDER_WAY = 1_000;
/** What is older than this when it could go is not sent without being asked about, in milliseconds. */
const HELD_AFTER_MS = 600_000;

/**
 * Messages that are not lost when the program, the machine or the link dies: each is on disk before it goes over the
 * wire, and goes again under the same client id until the server has stored or refused it. Of the processes that share
 * the files one owns the outbox and sends; the others add to it and read there what became of their messages.
 */
export class Outbox implements Disposable {
  readonly #client: ChatClient;
  readonly #store: OutboxStore;
  readonly #lock: OutboxLock;
  readonly #wallMs: () => number;
  readonly #waiters = new Map<string, Set<PromiseWithResolvers<Sent>>>();
  readonly #underWay = new Set<string>();
  /** Conversations in which something is held. */
  readonly #stopped = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  #isClosed = false;
  #hasAll = true;

  /** The lock is beside the file. @throws what `openStoreFile` throws */
  constructor(client: ChatClient, file: StoreFile, wallMs: () => number = Date.now) {
    this.#client = client;
    this.#wallMs = wallMs;
    this.#store = new OutboxStore(file);
    this.#lock = new OutboxLock(`${file.file}.lock`);
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /**
   * Puts messages behind all others. They are on disk when this returns.
   * @throws {ClientError} `refused`, when one cannot be a message: then none is added
   */
  add(messages: readonly OutboxMessage[]): Added[] {
    messages.forEach(checkMessage);
    const added = this.#store.add(messages, this.#wallMs());
    this.#hasAll = false;
    this.#look();
    return added;
  }

  /** What is not settled, in order; also what was refused, until it is retried or dropped. */
  items(): OutboxItem[] {
    return this.#store.all().filter(({ state }) => state !== 'sent');
  }

  /** Something is on its way or waits for a link; what is held, with all behind it, or was refused does not. */
  get isBusy(): boolean {
    const stopped = new Set<string>();
    return this.items().some((item) => {
      if (item.state === 'waiting' && this.#isHeld(item)) stopped.add(addressKey(item.to));
      return item.state === 'abandoned' || (item.state === 'waiting' && !stopped.has(addressKey(item.to)));
    });
  }

  /** Those that wait for an answer to: send it, so late? Nothing after them goes to the same conversation. */
  held(): OutboxItem[] {
    return this.items().filter((item) => item.state === 'waiting' && this.#isHeld(item));
  }

  /** They go, whatever their age; refused ones are tried again. */
  retry(clientIds: readonly string[]): void {
    for (const clientId of clientIds) this.#store.retry(clientId);
    this.#hasAll = false;
    this.#look();
  }

  /**
   * Waits for one message's outcome and forgets it then. Rejects with a ClientError: `refused` with its id; `timeout` when
   * it is not known in time, and then the message stays (its code is the server's, when that told it to wait); without the id the link's last error when that will not come
   * back by itself, and then it stays, too.
   */
  async settled(clientId: string, timeoutMs: number): Promise<Sent> {
    const waiter = Promise.withResolvers<Sent>();
    const waiters = this.#waiters.get(clientId) ?? new Set();
    this.#waiters.set(clientId, waiters.add(waiter));
    const timer = setTimeout(() => waiter.reject(this.#late(clientId)), Math.min(timeoutMs, 2_147_483_647));
    this.#tellIfSettled(this.#store.get(clientId), clientId);
    try {
      return await waiter.promise;
    } finally {
      clearTimeout(timer);
      waiters.delete(waiter);
      if (waiters.size === 0) this.#waiters.delete(clientId);
    }
  }

  /**
   * Nobody waits for it any more. Answers `dropped` when it never reached the server, or was refused; else it is
   * settled when there is a link, so that it is stored or never will be.
   */
  giveUp(clientId: string): 'dropped' | 'unknown' {
    if (this.#store.withdraw(clientId)) return 'dropped';
    this.#store.abandon(clientId);
    return 'unknown';
  }

  /**
   * Takes a message back, with the server's help when it may have arrived there: then it needs a link.
   * Answers `sent` when it is too late. Rejects with a ClientError when the server cannot be asked.
   */
  async drop(clientId: string, timeoutMs = DEFAULT_DROP_MS): Promise<'dropped' | 'sent'> {
    const item = this.#store.get(clientId);
    if (item === undefined || this.#store.withdraw(clientId)) return 'dropped';
    if (item.state === 'sent') return 'sent';
    this.#store.abandon(clientId);
    await this.#online(timeoutMs);
    const outcome = await this.#client.cancel(item.to, clientId);
    if (outcome.state === 'committed') {
      this.#store.sent(clientId, outcome);
      return 'sent';
    }
    this.#store.remove(clientId);
    return 'dropped';
  }

  /** Nothing is sent from here any more. What is on its way settles in the next life of the outbox. */
  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#lock[Symbol.dispose]();
    this.#store[Symbol.dispose]();
  }

  async #online(timeoutMs: number): Promise<void> {
    if (this.#client.status.state === 'online') return;
    await this.#client.waitFor('status', (status) => status.state === 'online', timeoutMs);
  }

  /** Looks what there is to do; again the next time when the disk does not let it. */
  #look(): void {
    if (this.#isClosed) return;
    try {
      this.#lookAndSend();
    } catch (error) {
      if (!isDiskTrouble(error)) throw error;
      this.#hasAll = false;
    }
  }

  /** Sends what it owns, and looks what others did. */
  #lookAndSend(): void {
    const wasOwner = this.#lock.isHeld;
    const isOwner = this.#lock.tryTake();
    if (isOwner && !wasOwner) this.#store.sweep(this.#wallMs());
    const isNews = this.#store.wasChanged() || !this.#hasAll || isOwner !== wasOwner;
    if (!isNews) return;
    this.#hasAll = true;
    const items = this.#store.all();
    for (const clientId of this.#waiters.keys()) {
      this.#tellIfSettled(
        items.find((item) => item.clientId === clientId),
        clientId,
      );
    }
    if (isOwner) this.#send(items);
  }

  #send(items: readonly OutboxItem[]): void {
    this.#stopped.clear();
    for (const item of items) {
      const isUnderWay = this.#underWay.has(item.clientId);
      if (item.state === 'abandoned' && !isUnderWay) this.#askOnline(item, () => this.drop(item.clientId));
      if (item.state !== 'waiting') continue;
      const lane = addressKey(item.to);
      if (this.#stopped.has(lane)) continue;
      if (this.#isHeld(item)) {
        this.#stopped.add(lane);
        if (item.isWired && !isUnderWay) this.#askOnline(item, () => this.#ask(item));
      } else if (this.#underWay.size >= MOST_UNDER_WAY) this.#hasAll = false;
      else if (!isUnderWay) this.#sendOne(item);
    }
  }

  #sendOne(item: OutboxItem): void {
    const { clientId, to, text, isWired } = item;
    this.#underWay.add(clientId);
    const mayGo = (): boolean => this.#mayGo(item) && this.#tryWire(clientId);
    this.#client.send(to, text, { clientId, timeoutMs: Number.POSITIVE_INFINITY, mayBeStored: isWired, mayGo }).then(
      (sent) => this.#settle(clientId, () => this.#store.sent(clientId, sent)),
      (error: unknown) => this.#failed(clientId, error),
    );
  }

  /** What cannot be noted as being on its way does not go. */
  #tryWire(clientId: string): boolean {
    try {
      return this.#store.wire(clientId);
    } catch (error) {
      if (!isDiskTrouble(error)) throw error;
      return false;
    }
  }

  /** Asked when there is a link; it may have been waited for so long that the message is held now, or one before it. */
  #mayGo({ clientId, to, createdMs, isConfirmed }: OutboxItem): boolean {
    if (this.#isClosed) return false;
    const lane = addressKey(to);
    if (this.#isHeld({ createdMs, isConfirmed: isConfirmed || this.#store.get(clientId)?.isConfirmed === true })) {
      this.#stopped.add(lane);
    }
    return !this.#stopped.has(lane);
  }

  /** It is held, but may be stored already: then there is nothing to ask its author. */
  async #ask({ clientId, to }: OutboxItem): Promise<void> {
    const outcome = await this.#client.outcome(to, clientId);
    if (outcome.state === 'committed') this.#store.sent(clientId, outcome);
  }

  /** Asks the server about one message; again at the next look when there is no answer. */
  #askOnline({ clientId }: OutboxItem, ask: () => Promise<unknown>): void {
    if (this.#client.status.state !== 'online') {
      this.#hasAll = false;
      return;
    }
    this.#underWay.add(clientId);
    ask().then(
      () => this.#settle(clientId, () => {}),
      () => {
        this.#underWay.delete(clientId);
        this.#hasAll = false;
      },
    );
  }

  #failed(clientId: string, error: unknown): void {
    const problem =
      error instanceof ClientError ? error : new ClientError({ kind: 'lost', message: describeError(error), clientId });
    // A refusal without its id is one of the log-in, not of the message, which goes with the next one.
    if (problem.kind === 'refused' && problem.clientId === clientId) {
      this.#settle(clientId, () => this.#store.refused(clientId, problem));
      return;
    }
    this.#underWay.delete(clientId);
    if (problem.code === 'withdrawn') {
      this.#hasAll = false; // held, or taken back: the next look tells
      return;
    }
    for (const waiter of this.#waiters.get(clientId) ?? []) waiter.reject(problem);
  }

  /** While the disk does not take it, the message stays under way, and so does not go again. */
  #settle(clientId: string, write: () => void): void {
    if (this.#isClosed) return;
    try {
      write();
      this.#underWay.delete(clientId);
      if (this.#stopped.size > 0) this.#hasAll = false;
      this.#tellIfSettled(this.#store.get(clientId), clientId);
    } catch (error) {
      if (!isDiskTrouble(error)) throw error;
      setTimeout(() => this.#settle(clientId, write), WRITE_AGAIN_MS).unref();
    }
  }

  #late(clientId: string): ClientError {
    const why = this.#client.refusedForNow(clientId) ?? { message: 'The message is not settled yet.' };
    return new ClientError({ ...why, kind: 'timeout', clientId });
  }

  /** Whoever waits for it takes it: then it needs not be kept. */
  #tellIfSettled(item: OutboxItem | undefined, clientId: string): void {
    const waiters = this.#waiters.get(clientId);
    if (waiters === undefined || item?.state === 'waiting') return;
    const { sent } = item ?? {};
    if (sent !== undefined) this.#store.remove(clientId);
    const error = new ClientError({
      kind: 'refused',
      ...(item?.refusal ?? { code: 'cancelled', message: 'The message was taken back.' }),
      clientId,
    });
    for (const waiter of waiters) {
      if (sent === undefined) waiter.reject(error);
      else waiter.resolve({ ...sent, clientId });
    }
  }

  #isHeld({ createdMs, isConfirmed }: Pick<OutboxItem, 'createdMs' | 'isConfirmed'>): boolean {
    return !isConfirmed && this.#wallMs() - createdMs > HELD_AFTER_MS;
  }
}
