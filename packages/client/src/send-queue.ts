import {
  type AppendReply,
  addressKey,
  ERROR_CODES,
  isErrorCode,
  type OutcomeReply,
  type WireError,
} from '@parley/protocol';
import { ClientError, refusal } from './errors.ts';

/** A message on its way. */
export interface Outgoing {
  readonly clientId: string;
  /** As the caller wrote it. */
  readonly to: string;
  readonly text: string;
  /** When the caller no longer waits; on the queue's clock, in milliseconds. */
  readonly deadlineMs: number;
  /** It may have reached the server in an earlier life of the program. */
  readonly mayBeStored?: boolean;
  /** Asked before each time that it goes over the wire. False: it was taken back. */
  readonly mayGo?: () => boolean;
}

/** What the queue asks of the world. Answers come through the methods named. */
export interface SendEffects {
  /** Write a `send` → `answered`, `refused`, or `linkDown`. */
  transmit(message: Outgoing, after: string | undefined): void;
  /** Write a `cancel` → `cancelAnswered`, `refused`, or `linkDown`. */
  cancel(message: Outgoing): void;
  /** Tell the caller; said once for each message that was submitted. */
  settled(message: Outgoing, outcome: AppendReply | ClientError): void;
}

type Stage =
  /** No link. */
  | 'waiting'
  | 'onWire'
  /** Refused for now; is written again at `retryAtMs`. */
  | 'held'
  /** The one before it is not settled, and is no link or itself behind: is written (again) behind that one. */
  | 'behind'
  /** Asking the server to make "never" final. */
  | 'cancelling'
  /** The caller was told that the outcome is unknown; the next message settles it. */
  | 'abandoned';

interface Item {
  readonly message: Outgoing;
  stage: Stage;
  /** A copy was on a connection that died unanswered: a refusal of another copy does not settle it. */
  mayBeStored: boolean;
  /** The caller knows an outcome already. */
  isTold: boolean;
  after: string | undefined;
  retryAtMs: number;
  refused: WireError | undefined;
}

/** The messages to one conversation, in the order of their author. */
interface Lane {
  readonly items: Item[];
  /** The last message that is committed. */
  last: string | undefined;
}

/** Messages that may be unsettled at once; more are refused. */
export const MOST_UNSETTLED = 10_000;
/** The wait after a refusal that names none. */
const RETRY_MS = 500;
/** Refusals that say all there is to say about a client id, whatever happened to other copies. */
const FINAL_FOR_ID = new Set(['cancelled', 'id_conflict']);

/**
 * Messages that are not yet settled, each conversation in the order of its author: every message is linked to the one
 * before it (`after`), goes again under the same client id after a lost link or a refusal for the moment, and steps
 * aside when it is refused for good. Pure: events in, effects out. [ORDER-2]
 * Keeps everything in memory; outbox/ keeps it on disk besides.
 */
export class SendQueue {
  readonly #effects: SendEffects;
  readonly #lanes = new Map<string, Lane>();
  readonly #lanesOf = new Map<string, Lane>();
  /** Names that were seen to mean a conversation. */
  readonly #conversations = new Map<string, string>();
  #isLinked = false;

  constructor(effects: SendEffects) {
    this.#effects = effects;
  }

  /** Messages whose outcome is not known, those that nobody waits for included. */
  get size(): number {
    return this.#lanesOf.size;
  }

  /** Takes a message; the order of calls is the order in the conversation. */
  submit(message: Outgoing): void {
    const earlier = this.#find(message.clientId);
    if (earlier !== undefined) this.#remove(earlier.lane, earlier.item);
    const lane = this.#lane(message.to);
    const item: Item = {
      message,
      stage: 'waiting',
      mayBeStored: earlier !== undefined || message.mayBeStored === true,
      isTold: false,
      after: undefined,
      retryAtMs: 0,
      refused: undefined,
    };
    lane.items.push(item);
    this.#lanesOf.set(message.clientId, lane);
    if (this.#isLinked) this.#transmit(lane, item);
  }

  /** The server has stored it. */
  answered(clientId: string, reply: AppendReply): void {
    const found = this.#find(clientId);
    if (found === undefined) return;
    this.#learn(found.lane, found.item.message.to, reply.conversation);
    this.#stands(found.lane, found.item);
    this.#tell(found.item, reply);
  }

  /** The server refused a `send`, or a `cancel`. */
  refused(clientId: string, error: WireError, nowMs: number): void {
    const found = this.#find(clientId);
    if (found === undefined) return;
    const { lane, item } = found;
    const isLater = isRetryable(error);
    if (item.stage === 'cancelling') {
      if (isLater) item.retryAtMs = nowMs + (error.retryAfterMs ?? RETRY_MS);
      else this.#dismiss(lane, item, refusal(item.refused ?? error, clientId));
    } else if (error.code === 'after_failed') {
      item.refused = error;
      this.#followAgain(lane, item);
    } else if (isLater) {
      item.refused = error;
      item.stage = item.isTold ? 'abandoned' : 'held';
      item.retryAtMs = nowMs + (error.retryAfterMs ?? RETRY_MS);
    } else if (item.mayBeStored && !FINAL_FOR_ID.has(error.code)) {
      item.refused = error;
      this.#cancel(item);
    } else {
      this.#dismiss(lane, item, refusal(error, clientId));
    }
  }

  /** The server told what became of a `cancel`. */
  cancelAnswered(clientId: string, outcome: OutcomeReply, nowMs: number): void {
    const found = this.#find(clientId);
    if (found === undefined) return;
    if (outcome.state === 'committed') {
      this.answered(clientId, outcome);
    } else if (outcome.state === 'cancelled') {
      const { lane, item } = found;
      const error = item.refused ?? { code: 'cancelled' as const, message: ERROR_CODES.cancelled.meaning };
      // The server takes it for a link, but that it is cancelled says nothing of what stands before it.
      this.#dismiss(lane, item, refusal(error, clientId));
    } else {
      found.item.retryAtMs = nowMs + RETRY_MS;
    }
  }

  /** The server's refusal for the moment that a message waits after; undefined when a copy of it may be stored. */
  refusedForNow(clientId: string): WireError | undefined {
    const item = this.#find(clientId)?.item;
    return item?.stage === 'held' && !item.mayBeStored ? item.refused : undefined;
  }

  /** It was taken back before it went over the wire. */
  withdrawn(clientId: string): void {
    const found = this.#find(clientId);
    if (found === undefined) return;
    const error = new ClientError({
      kind: 'lost',
      code: 'withdrawn',
      message: 'The message was taken back.',
      clientId,
    });
    this.#dismiss(found.lane, found.item, error);
  }

  /** There is a link with a session: everything goes (again), in order. */
  linkUp(): void {
    this.#isLinked = true;
    for (const lane of this.#lanes.values()) {
      for (const item of lane.items) {
        if (item.stage === 'cancelling') this.#cancel(item);
        else if (item.stage === 'waiting') this.#transmit(lane, item);
      }
    }
  }

  /** The link is gone. `error`: and will not come back by itself, so nobody waits any longer. */
  linkDown(error: ClientError | undefined): void {
    this.#isLinked = false;
    for (const { item } of this.#all()) {
      if (item.stage === 'onWire') item.mayBeStored = true;
      if (item.stage === 'onWire' || item.stage === 'behind' || item.stage === 'held') item.stage = 'waiting';
    }
    if (error === undefined) return;
    for (const { lane, item } of this.#all()) this.#giveUp(lane, item, error);
  }

  /** Time has passed: what was refused for the moment is written again, and whoever waited too long is told so. */
  tick(nowMs: number): void {
    const all = this.#all();
    // The last first: giving one up would send what stands behind it again.
    for (const { lane, item } of all.toReversed()) {
      if (!item.isTold && item.message.deadlineMs <= nowMs) this.#giveUp(lane, item, late(item));
    }
    for (const { lane, item } of all) {
      if (this.#isLinked && item.retryAtMs > 0 && item.retryAtMs <= nowMs) this.#tryAgain(lane, item);
    }
  }

  #tryAgain(lane: Lane, item: Item): void {
    item.retryAtMs = 0;
    if (item.stage === 'cancelling') this.#cancel(item);
    else if (item.stage === 'held') this.#transmitFrom(lane, item);
  }

  /** Refused because of the one before: again at once if another one stands before it now, else when that is settled. */
  #followAgain(lane: Lane, item: Item): void {
    const before = lane.items[lane.items.indexOf(item) - 1];
    if (before?.stage === 'abandoned') this.#cancel(before);
    item.stage = item.isTold ? 'abandoned' : 'behind';
    if (item.isTold || (before !== undefined && before.message.clientId === item.after)) return;
    // The server does not know what it told us to be stored: an older database. Its cursors will say so.
    if (before === undefined && lane.last === item.after) lane.last = undefined;
    this.#transmitFrom(lane, item);
  }

  /** Writes a message and those behind it that were refused with it. */
  #transmitFrom(lane: Lane, item: Item | undefined): void {
    if (!this.#isLinked || item === undefined) return;
    if (item.stage === 'behind' || item.stage === 'held') this.#transmit(lane, item);
    for (const next of lane.items.slice(lane.items.indexOf(item) + 1)) {
      if (next.stage !== 'behind') return;
      this.#transmit(lane, next);
    }
  }

  #transmit(lane: Lane, item: Item): void {
    const before = lane.items[lane.items.lastIndexOf(item) - 1];
    if (before?.stage === 'cancelling' || before?.stage === 'behind') {
      item.stage = 'behind';
      return;
    }
    item.after = before?.message.clientId ?? lane.last;
    item.stage = 'onWire';
    item.retryAtMs = 0;
    this.#effects.transmit(item.message, item.after);
  }

  #cancel(item: Item): void {
    item.stage = 'cancelling';
    item.retryAtMs = 0;
    if (this.#isLinked) this.#effects.cancel(item.message);
  }

  /** It is committed, and so may be linked to; so is all before it that was linked. */
  #stands(lane: Lane, item: Item): void {
    for (const before of lane.items.slice(0, lane.items.indexOf(item))) {
      if (before.isTold) this.#remove(lane, before);
    }
    const index = lane.items.indexOf(item);
    this.#remove(lane, item);
    if (index === 0) lane.last = item.message.clientId;
    this.#release(lane, index);
  }

  /** It is not stored and never will be: the next one links to what stands before it. */
  #dismiss(lane: Lane, item: Item, error: ClientError): void {
    const index = lane.items.indexOf(item);
    this.#remove(lane, item);
    this.#tell(item, error);
    this.#release(lane, index);
  }

  #release(lane: Lane, index: number): void {
    const next = lane.items[index];
    if (next?.stage === 'behind') this.#transmitFrom(lane, next);
  }

  #giveUp(lane: Lane, item: Item, error: ClientError): void {
    if (item.isTold) return;
    const isKnown = item.stage !== 'onWire' && item.stage !== 'cancelling' && !item.mayBeStored;
    if (isKnown) {
      this.#dismiss(lane, item, error);
      return;
    }
    this.#tell(item, unknownOutcome(item, error));
    if (item.stage !== 'cancelling') item.stage = 'abandoned';
  }

  #tell(item: Item, outcome: AppendReply | ClientError): void {
    if (item.isTold) return;
    item.isTold = true;
    this.#effects.settled(item.message, outcome);
  }

  #remove(lane: Lane, item: Item): void {
    const index = lane.items.indexOf(item);
    if (index >= 0) lane.items.splice(index, 1);
    this.#lanesOf.delete(item.message.clientId);
  }

  #lane(to: string): Lane {
    const written = addressKey(to);
    const key = this.#conversations.get(written) ?? written;
    let lane = this.#lanes.get(key) ?? this.#lanes.get(written);
    if (lane === undefined) {
      lane = { items: [], last: undefined };
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  /** From now on the name and the conversation's own address share a lane. */
  #learn(lane: Lane, to: string, conversation: string): void {
    const written = addressKey(to);
    if (written === conversation || this.#conversations.get(written) === conversation) return;
    this.#conversations.set(written, conversation);
    if (this.#lanes.has(conversation)) return;
    this.#lanes.delete(written);
    this.#lanes.set(conversation, lane);
  }

  #find(clientId: string): { lane: Lane; item: Item } | undefined {
    const lane = this.#lanesOf.get(clientId);
    const item = lane?.items.find((item) => item.message.clientId === clientId);
    return lane === undefined || item === undefined ? undefined : { lane, item };
  }

  #all(): { lane: Lane; item: Item }[] {
    return [...this.#lanes.values()].flatMap((lane) => lane.items.map((item) => ({ lane, item })));
  }
}

function isRetryable(error: WireError): boolean {
  return isErrorCode(error.code) ? ERROR_CODES[error.code].retry === 'later' : error.retryAfterMs !== undefined;
}

function late({ message, refused }: Item): ClientError {
  if (refused !== undefined) return refusal(refused, message.clientId);
  const text = 'The server could not be reached in time; the message was not sent.';
  return new ClientError({ kind: 'unreachable', message: text, clientId: message.clientId });
}

function unknownOutcome({ message }: Item, cause: ClientError): ClientError {
  const text = 'The message was sent, but no answer came: it may be stored or not.';
  return new ClientError({ kind: 'unknown_outcome', message: text, clientId: message.clientId, cause });
}
