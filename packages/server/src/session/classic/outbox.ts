import { type ClassicChat, encodeClassicFrame, type Seq } from '@parley/protocol';
import type { Clock, ConversationId, Timer } from '../../chat/ports/index.ts';
import type { Link } from '../link.ts';
import { SentPositions } from './positions.ts';

/** An entry that counts as sent with the frame that carries its end. */
export interface Mark {
  readonly conversation: ConversationId;
  readonly seq: Seq;
}

/** A frame and what is sent with it; without a frame (one's own words, a join) it only counts. */
export interface Outgoing {
  readonly frame: object | undefined;
  readonly marks: readonly Mark[];
}

/** What waits for a classic client, in frames; more is left in the store until these have gone. */
const MAX_WAITING = 32;

/**
 * Hands a log-in's frames to the link one by one, each when the one before has left and the pause is over, so that
 * whoever logs in next on the connection gets nothing of them, and only what was handed over counts as sent.
 * [CLASSIC-3] [CLASSIC-4]
 */
export class ClassicOutbox {
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #paceMs: number;
  readonly #onEmpty: () => void;
  readonly #sent = new SentPositions();
  #waiting: Outgoing[] = [];
  #timer: Timer | undefined;
  #isFull = false;
  #mustWait = false;

  constructor(link: Link, pace: { clock: Clock; paceMs: number }, onEmpty: () => void) {
    this.#link = link;
    this.#clock = pace.clock;
    this.#paceMs = pace.paceMs;
    this.#onEmpty = onEmpty;
  }

  /** False: enough waits, `onEmpty` follows. */
  send(outgoing: Outgoing): boolean {
    if (this.#isFree) {
      this.#put(outgoing);
      return true;
    }
    this.#waiting.push(outgoing);
    if (this.#timer === undefined) this.#handOver();
    if (this.#waiting.length >= MAX_WAITING) this.#isFull = true;
    return !this.#isFull;
  }

  /** The peer has received what was handed over; unless the link still holds some of it. */
  received(): void {
    if (this.#link.isFlushed) this.#sent.received();
  }

  /** Takes how far the peer has received, where that is news. */
  takeReceived(): [ConversationId, Seq][] {
    return this.#sent.take();
  }

  /** Drops what waits. */
  close(): void {
    this.#timer?.cancel();
    this.#waiting = [];
  }

  /** Nothing waits, and nothing has to. */
  get #isFree(): boolean {
    return this.#waiting.length === 0 && this.#timer === undefined && !this.#isHeldUp;
  }

  get #isHeldUp(): boolean {
    return this.#mustWait && !this.#link.isFlushed;
  }

  /** One frame, and all that needs none; the next one a pause later. */
  #handOver(): void {
    this.#timer = undefined;
    if (this.#isHeldUp) this.#pause();
    while (this.#timer === undefined && this.#waiting.length > 0) this.#put(this.#waiting.shift() as Outgoing);
    if (this.#waiting.length > 0 || !this.#isFull) return;
    this.#isFull = false;
    this.#onEmpty();
  }

  #put({ frame, marks }: Outgoing): void {
    this.#mustWait = frame !== undefined && this.#write(frame);
    for (const { conversation, seq } of marks) this.#sent.sent(conversation, seq);
    if (this.#mustWait) this.#pause();
  }

  #pause(): void {
    this.#timer = this.#clock.after(Math.max(1, this.#paceMs), () => this.#handOver());
  }

  /** Whether the next frame has to wait: for the pause, or without one (load tests) for room. */
  #write(frame: object): boolean {
    const hasRoom = this.#link.writePaced(encodeClassicFrame(frame), this.#paceMs);
    return this.#paceMs > 0 || !hasRoom;
  }
}

const NO_MARKS: readonly Mark[] = [];

/** An entry's frames; it counts as sent with the last. */
export function outgoing(frames: readonly ClassicChat[], mark: Mark): Outgoing[] {
  if (frames.length === 0) return [{ frame: undefined, marks: [mark] }];
  return frames.map((frame, index) => ({ frame, marks: index === frames.length - 1 ? [mark] : NO_MARKS }));
}
