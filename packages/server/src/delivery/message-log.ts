import type { AppendRequest, AppendResult, CommitOutcome, ConversationId, SettleOutcome } from '../chat/ports/index.ts';

/** A request on its way, with whatever its owner wants back. */
export interface Pending<Owner> {
  readonly request: AppendRequest;
  readonly owner: Owner;
}

/** What the log asks of the world. Commits and settles are answered by `committed` and `settled`, never at once. */
export interface MessageLogEffects<Owner> {
  /** One transaction. Never asked for while another of this log is under way. */
  commit(batch: readonly AppendRequest[]): void;
  /** Calls `begin` when this turn of the event loop ends: what else it brings goes into the same transaction. */
  gather(): void;
  /** Finds out what became of a batch whose commit had no known outcome. */
  settle(batch: readonly AppendRequest[]): void;
  /** Calls `retry` after a pause. */
  pause(): void;
  /** Durable: acknowledge each and spread the fresh ones, in this order. */
  placed(batch: readonly Pending<Owner>[], results: readonly AppendResult[]): void;
  /** Surely not stored. */
  refused(pending: Pending<Owner>, code: 'store_unavailable' | 'busy'): void;
  /**
   * Not stored, because the head of their one conversation stays locked by somebody else. All that waited for that
   * conversation is among them, in order: none of it may pass another.
   */
  stuck(pending: readonly Pending<Owner>[]): void;
}

/** Bounds of one log. */
export interface MessageLogLimits {
  /** Rows of one transaction. */
  readonly batchRows: number;
  /** UTF-16 units of text of one transaction. */
  readonly batchChars: number;
  /** Requests that may wait; more are refused as `busy`. */
  readonly queuedRows: number;
  readonly queuedChars: number;
}

export const MESSAGE_LOG_LIMITS: MessageLogLimits = {
  batchRows: 400,
  batchChars: 1_048_576,
  queuedRows: 50_000,
  queuedChars: 33_554_432,
};

type State = 'idle' | 'gathering' | 'committing' | 'settling' | 'pausing';

/**
 * The lane from accepted requests to the store: what arrives in one turn of the event loop, or while a transaction is
 * under way, is one batch. So there is no delay at low load and large batches at high load (group commit).
 *
 * A state machine without I/O: methods are events, `effects` what follows. [SEND-1] [ORDER-1]
 */
export class MessageLog<Owner> {
  readonly #effects: MessageLogEffects<Owner>;
  readonly #limits: MessageLogLimits;
  #state: State = 'idle';
  /** In the transaction under way, or in the one whose outcome is asked for. */
  #batch: Pending<Owner>[] = [];
  /** Waiting, in order of arrival. */
  #queue: Pending<Owner>[] = [];
  #queuedChars = 0;

  constructor(effects: MessageLogEffects<Owner>, limits: MessageLogLimits = MESSAGE_LOG_LIMITS) {
    this.#effects = effects;
    this.#limits = limits;
  }

  /** Nothing waits and nothing is under way. */
  get isIdle(): boolean {
    return this.#state === 'idle';
  }

  /** Takes a request. Requests of one conversation keep the order in which they came. */
  append(request: AppendRequest, owner: Owner): void {
    const pending = { request, owner };
    if (this.#queue.length >= this.#limits.queuedRows || this.#queuedChars >= this.#limits.queuedChars) {
      this.#effects.refused(pending, 'busy');
      return;
    }
    this.#queue.push(pending);
    this.#queuedChars += charsOf(request);
    if (this.#state !== 'idle') return;
    this.#state = 'gathering';
    this.#effects.gather();
  }

  /** The turn in which the first request came has ended. */
  begin(): void {
    if (this.#state === 'gathering') this.#commitNext();
  }

  /** Whether this author's client id waits here or is under way. Walks all: only for outcome queries. */
  holds(wanted: Pick<AppendRequest, 'conversation' | 'author' | 'clientId'>): boolean {
    const same = ({ request }: Pending<Owner>): boolean =>
      request.clientId === wanted.clientId &&
      request.author === wanted.author &&
      request.conversation === wanted.conversation &&
      request.kind !== 'cancel';
    return this.#batch.some(same) || this.#queue.some(same);
  }

  /** Whether anything of this conversation waits here or is under way. Walks all. */
  holdsAnyOf(conversation: ConversationId): boolean {
    const isOfIt = ({ request }: Pending<Owner>): boolean => request.conversation === conversation;
    return this.#batch.some(isOfIt) || this.#queue.some(isOfIt);
  }

  /** The transaction under way ended. */
  committed(outcome: CommitOutcome): void {
    if (this.#state !== 'committing') throw new Error('a commit ended that was not under way');
    if (outcome.state === 'unknown') {
      this.#askOutcome();
      return;
    }
    const batch = this.#takeBatch();
    if (outcome.state === 'failed') {
      this.#commitNext();
      for (const pending of batch) this.#effects.refused(pending, 'store_unavailable');
      return;
    }
    const { there, results, missing } = divide(batch, outcome.results);
    const stuck = this.#takeAllOf(missing);
    // The next one first: the store works on it while this one is spread.
    this.#commitNext();
    if (there.length > 0) this.#effects.placed(there, results);
    for (const pending of stuck) this.#effects.stuck(pending);
  }

  /**
   * The question about a batch was answered. What is there gets the outcome that was found; what is absent goes to
   * the front of the queue, in order, since its sender was promised an answer. [SEND-5]
   */
  settled(outcome: SettleOutcome): void {
    if (this.#state !== 'settling') throw new Error('an outcome came that was not asked for');
    if (outcome.state === 'unknown') {
      this.#state = 'pausing';
      this.#effects.pause();
      return;
    }
    const { there, results, missing } = divide(this.#takeBatch(), outcome.results);
    this.#queue = [...missing, ...this.#queue];
    for (const { request } of missing) this.#queuedChars += charsOf(request);
    this.#commitNext();
    if (there.length > 0) this.#effects.placed(there, results);
  }

  /** The pause is over. */
  retry(): void {
    if (this.#state === 'pausing') this.#askOutcome();
  }

  #askOutcome(): void {
    this.#state = 'settling';
    this.#effects.settle(this.#batch.map(({ request }) => request));
  }

  /** What was stuck, by conversation, each followed by what waits for the same one; that leaves the queue. */
  #takeAllOf(stuck: readonly Pending<Owner>[]): Iterable<Pending<Owner>[]> {
    if (stuck.length === 0) return [];
    const taken = Map.groupBy(stuck, ({ request }) => request.conversation);
    this.#queue = this.#queue.filter((pending) => {
      const others = taken.get(pending.request.conversation);
      if (others === undefined) return true;
      others.push(pending);
      this.#queuedChars -= charsOf(pending.request);
      return false;
    });
    return taken.values();
  }

  #takeBatch(): Pending<Owner>[] {
    const batch = this.#batch;
    this.#batch = [];
    return batch;
  }

  #commitNext(): void {
    if (this.#queue.length === 0) {
      this.#state = 'idle';
      return;
    }
    this.#state = 'committing';
    this.#batch = this.#cutBatch();
    this.#effects.commit(this.#batch.map(({ request }) => request));
  }

  /** The longest front part of the queue within the bounds, one request at least. */
  #cutBatch(): Pending<Owner>[] {
    let rows = 0;
    let chars = 0;
    for (const { request } of this.#queue) {
      const next = charsOf(request);
      if (rows === this.#limits.batchRows || (rows > 0 && chars + next > this.#limits.batchChars)) break;
      rows += 1;
      chars += next;
    }
    this.#queuedChars -= chars;
    if (rows < this.#queue.length) return this.#queue.splice(0, rows);
    const all = this.#queue;
    this.#queue = [];
    return all;
  }
}

interface Divided<Owner> {
  readonly there: readonly Pending<Owner>[];
  /** Of those that are there. */
  readonly results: readonly AppendResult[];
  readonly missing: readonly Pending<Owner>[];
}

/** Those with a result and those without, each in order. */
function divide<Owner>(batch: readonly Pending<Owner>[], found: readonly (AppendResult | undefined)[]): Divided<Owner> {
  const results = found.filter((result) => result !== undefined);
  if (results.length === batch.length) return { there: batch, results, missing: [] };
  const there = batch.filter((_pending, index) => found[index] !== undefined);
  return { there, results, missing: batch.filter((_pending, index) => found[index] === undefined) };
}

function charsOf(request: AppendRequest): number {
  return request.text?.length ?? 0;
}
