import type { Socket } from 'node:net';
import type { Flushable, Flusher } from './flusher.ts';
import { type KernelQueues, portsKey } from './kernel-queues.ts';
import type { NetClock } from './net-clock.ts';
import type { NetLimits } from './net-limits.ts';
import type { Paced, Pacer } from './pacer.ts';
import { WriteQueue } from './write-queue.ts';

/** What outbound sides of one listener have in common. */
export interface OutboundShared {
  readonly limits: Pick<NetLimits, 'queueBytes' | 'stuckMs'>;
  readonly clock: NetClock;
  readonly flusher: Flusher;
  readonly pacer: Pacer;
  readonly kernelQueues: KernelQueues;
}

/** Who is told of what becomes of the output. */
export interface OutboundOwner {
  /** After `write` answered false: less than half of the mark is queued. */
  drained(): void;
  /** All that was written has been given to the socket. */
  flushed(): void;
  /** The hard bound is passed: the owner wrote on after `false`. */
  overflowed(): void;
}

/** The most that goes into one socket call. */
const JOIN_BYTES = 65_536;

/** The hard bound in marks; reached only by an owner that ignores `false`. */
const HARD_MARKS = 4;

const UNKNOWN = -1;

/**
 * The sending half of a connection: a bounded queue before a socket. [WIRE-3]
 *
 * Frames go out joined, one write for all of a turn; or, once a pace is given, each in a write of its own with a
 * pause after it, and never while the system still holds the one before, because the two would arrive together.
 */
export class Outbound implements Flushable, Paced {
  readonly #socket: Socket;
  readonly #shared: OutboundShared;
  readonly #owner: OutboundOwner;
  readonly #queue = new WriteQueue();
  /** More than the mark was queued, and the owner waits for `drained`. */
  #isFull = false;
  /** The flusher or the pacer will call. */
  #isScheduled = false;
  #isClosed = false;
  /** 0: joined. */
  #paceMs = 0;
  #lastPacedMs = Number.NEGATIVE_INFINITY;
  /** Bytes that the system had taken, and those of them that it held, when it was looked at last. */
  #sentBytes = UNKNOWN;
  #heldBytes = UNKNOWN;
  #progressAtMs = 0;

  constructor(socket: Socket, shared: OutboundShared, owner: OutboundOwner) {
    this.#socket = socket;
    this.#shared = shared;
    this.#owner = owner;
  }

  /** Bytes that the system has not taken yet. */
  get pendingBytes(): number {
    return this.#queue.bytes + this.#socket.writableLength;
  }

  /** Whether everything was given to the socket (which may still hold it). */
  get isFlushed(): boolean {
    return this.#queue.isEmpty;
  }

  /** Queues a frame; `paceMs` 0: joined with others. False: the mark is passed, `drained` follows. */
  write(frame: Buffer, paceMs: number): boolean {
    if (this.#isClosed) return false;
    // Frames keep their order, so a pace lasts until the queue is empty.
    if (paceMs > this.#paceMs || this.#queue.isEmpty) this.#paceMs = paceMs;
    this.#queue.add(frame);
    const { queueBytes } = this.#shared.limits;
    const pending = this.pendingBytes;
    if (pending > HARD_MARKS * queueBytes + frame.length) {
      this.close();
      this.#owner.overflowed();
      return false;
    }
    if (pending > queueBytes) this.#isFull = true;
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      this.#shared.flusher.add(this);
    }
    return !this.#isFull;
  }

  /** Called by the flusher at the end of a turn. */
  flush(): void {
    this.#isScheduled = false;
    if (this.#paceMs > 0) {
      this.#flushPaced();
      return;
    }
    while (!this.#queue.isEmpty && !this.#socket.writableNeedDrain) {
      this.#socket.write(this.#queue.takeJoined(JOIN_BYTES));
    }
    this.#tellProgress();
  }

  /** Called by the pacer when the pause is over. */
  sendPaced(nowMs: number): number | undefined {
    this.#isScheduled = false;
    if (this.#isClosed || this.#queue.isEmpty) return undefined;
    if (this.#socket.writableLength === 0) {
      this.#socket.write(this.#queue.takeOne());
      this.#lastPacedMs = nowMs;
    }
    const hasMore = !this.#queue.isEmpty;
    this.#isScheduled = hasMore;
    this.#tellProgress();
    return hasMore ? nowMs + this.#paceMs : undefined;
  }

  /** The socket holds nothing any more. */
  socketDrained(): void {
    if (this.#paceMs === 0 && !this.#isScheduled) this.flush();
    else this.#tellProgress();
  }

  /**
   * Whether something has been queued for `stuckMs` while the peer took nothing: neither did the system take more of
   * it, nor was anything acknowledged of what the system holds. Asked now and then, by the keepalive's clock.
   */
  isStuck(nowMs: number): boolean {
    if (this.pendingBytes === 0) {
      this.#sentBytes = UNKNOWN;
      return false;
    }
    const sentBytes = this.#socket.bytesWritten - this.#socket.writableLength;
    if (sentBytes !== this.#sentBytes) {
      this.#sentBytes = sentBytes;
      this.#heldBytes = UNKNOWN;
      this.#progressAtMs = nowMs;
    } else if (this.#wasAcknowledged(nowMs)) {
      this.#progressAtMs = nowMs;
    }
    return nowMs - this.#progressAtMs >= this.#shared.limits.stuckMs;
  }

  /** Drops what is queued and all that is written from now on. */
  close(): void {
    this.#isClosed = true;
    this.#queue.clear();
  }

  /** Whether the system holds less than when it was looked at last; false when it was not looked at. */
  #wasAcknowledged(nowMs: number): boolean {
    const backlog = this.#shared.kernelQueues.sample(nowMs);
    if (backlog === undefined) return false;
    const heldBytes = backlog.get(portsKey(this.#socket.localPort ?? 0, this.#socket.remotePort ?? 0)) ?? 0;
    const isFirstLook = this.#heldBytes === UNKNOWN;
    const isMoving = heldBytes !== this.#heldBytes;
    this.#heldBytes = heldBytes;
    return isMoving && !isFirstLook;
  }

  #flushPaced(): void {
    const nowMs = this.#shared.clock.monotonic();
    const dueMs = this.#lastPacedMs + this.#paceMs;
    const nextMs = dueMs > nowMs ? dueMs : this.sendPaced(nowMs);
    if (nextMs === undefined) return;
    this.#isScheduled = true;
    this.#shared.pacer.add(this, nextMs);
  }

  #tellProgress(): void {
    if (this.#isClosed) return;
    if (this.#isFull && this.pendingBytes <= this.#shared.limits.queueBytes / 2) {
      this.#isFull = false;
      this.#owner.drained();
    }
    if (this.#queue.isEmpty) this.#owner.flushed();
  }
}
