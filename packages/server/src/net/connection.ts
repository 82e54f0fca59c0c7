import type { Socket } from 'node:net';
import { type DecodedFrame, FrameDecoder } from '@parley/protocol';
import type { Logger } from '../observe/log.ts';
import type { ConnectionListener, OpenConnection } from './connection-listener.ts';
import type { Keepalive, Watched } from './keepalive.ts';
import type { NetLimits } from './net-limits.ts';
import { Outbound, type OutboundOwner, type OutboundShared } from './outbound.ts';
import { isLoopback } from './remote-address.ts';

/** What the connections of one listener have in common. */
export interface ConnectionShared extends OutboundShared {
  readonly limits: NetLimits;
  readonly keepalive: Keepalive;
  readonly log: Logger;
  readonly onClosed: (connection: Connection) => void;
}

/** Who is at the other end. */
export interface PeerIdentity {
  /** Counted from 1 within this process; for the log. */
  readonly id: number;
  readonly address: string;
}

/** What an ended connection may still send us, to no purpose, before it is cut off. */
const DISCARD_BYTES = 1_048_576;

type Told = 'onDrained' | 'onSilent' | 'onStuck' | 'onPeerEnded';

/**
 * One socket: bytes in, frames out to its owner; frames in, joined writes out. An idle one costs little: its socket's
 * handlers are shared by all, and it has no timer. A mistake of its owner ends this connection, not the process.
 */
export class Connection implements OutboundOwner, Watched {
  readonly id: number;
  /** The client's own address, as far as known. */
  readonly remoteAddress: string;
  readonly #socket: Socket;
  readonly #shared: ConnectionShared;
  readonly #decoder: FrameDecoder;
  readonly #outbound: Outbound;
  readonly #onFrame = (frame: DecodedFrame): void => this.#take(frame);
  #listener: ConnectionListener | undefined;
  #state: 'open' | 'ending' | 'closed' = 'open';
  #isPaused = false;
  /** Frames that came in one chunk with the one at which the owner paused. */
  #kept: DecodedFrame[] | undefined;
  /** The peer has ended its half, and at that time all that was written had been sent. */
  #isClean = false;
  /** 0: silence is not watched. */
  #silenceMs = 0;
  /** The next two by the keepalive's clock. */
  #heardAtMs: number;
  #endByMs = Number.POSITIVE_INFINITY;
  #bytesReadAtEnd = 0;

  constructor(socket: Socket, peer: PeerIdentity, shared: ConnectionShared) {
    this.id = peer.id;
    this.remoteAddress = peer.address;
    this.#socket = socket;
    this.#shared = shared;
    this.#heardAtMs = shared.keepalive.nowMs;
    this.#decoder = new FrameDecoder({ maxFrameBytes: shared.limits.frameBytes });
    this.#outbound = new Outbound(socket, shared, this);
  }

  get isLoopback(): boolean {
    return isLoopback(this.remoteAddress);
  }

  /** All that was written has been handed to the system. */
  get isFlushed(): boolean {
    return this.#outbound.pendingBytes === 0;
  }

  /** Makes the owner and begins to read. Once, by the listener. */
  open(openConnection: OpenConnection): void {
    attach(this.#socket, this);
    this.#shared.keepalive.add(this);
    try {
      this.#listener = openConnection(this);
    } catch (error) {
      this.#fail(error);
    }
  }

  /**
   * Queues a frame. Frames of one turn of the event loop leave in one write. False: more is queued than the mark;
   * `onDrained` follows when there is room again. Frames after `end` are dropped.
   */
  write(frame: Buffer): boolean {
    return this.#state === 'open' && this.#outbound.write(frame, 0);
  }

  /**
   * Sends each frame in a write of its own, at least `paceMs` after the one before. Same answer as `write`.
   * With a pace of 0 it is `write`: for load tests, whose peers can tell frames apart.
   */
  writePaced(frame: Buffer, paceMs: number): boolean {
    return this.#state === 'open' && this.#outbound.write(frame, paceMs);
  }

  /** Stops reading. What is in the system's buffers then makes the peer wait. */
  pause(): void {
    if (this.#state !== 'open') return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  /** Reads on. Frames come later, never from within this call. */
  resume(): void {
    if (this.#state !== 'open' || !this.#isPaused) return;
    this.#isPaused = false;
    this.#heardAtMs = this.#shared.keepalive.nowMs;
    if (this.#kept === undefined) this.#socket.resume();
    else process.nextTick(handOverKept, this);
  }

  /** Peers that are silent for this long are told of by `onSilent`; undefined: only TCP keep-alive watches. */
  expectWithin(silenceMs: number | undefined): void {
    this.#silenceMs = silenceMs ?? 0;
    this.#heardAtMs = this.#shared.keepalive.nowMs;
  }

  /** Sends what is queued, then ends the connection; destroys it when that takes longer than `endMs`. */
  end(): void {
    if (this.#state !== 'open') return;
    this.#state = 'ending';
    this.#endByMs = this.#shared.keepalive.nowMs + this.#shared.limits.endMs;
    // Read on and throw away: closing with unread input makes the system send a reset, which can destroy our last
    // frames before the peer has read them (RFC 1122 §4.2.2.13).
    this.#kept = undefined;
    this.#decoder.close();
    this.#bytesReadAtEnd = this.#socket.bytesRead;
    this.#socket.resume();
    if (this.#outbound.isFlushed) this.#socket.end();
  }

  /** Ends the connection at once; what is queued is lost. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** From the outbound half. */
  drained(): void {
    if (this.#state === 'open') this.#tell('onDrained');
  }

  flushed(): void {
    if (this.#state === 'ending') this.#socket.end();
  }

  overflowed(): void {
    this.#shared.log.error({ connection: this.id }, 'write queue overrun: connection destroyed');
    this.#socket.destroy();
  }

  /** From the keepalive, about once a second. */
  check(nowMs: number): void {
    if (nowMs >= this.#endByMs) this.#socket.destroy();
    if (this.#state !== 'open') return;
    if (this.#outbound.isStuck(nowMs)) this.#tell('onStuck');
    if (this.#silenceMs > 0 && !this.#isPaused && nowMs - this.#heardAtMs >= this.#silenceMs) {
      this.#heardAtMs = nowMs;
      this.#tell('onSilent');
    }
  }

  /** The next ones are from the socket's handlers below. */
  onData(chunk: Buffer): void {
    this.#heardAtMs = this.#shared.keepalive.nowMs;
    if (this.#state !== 'open') {
      if (this.#socket.bytesRead - this.#bytesReadAtEnd > DISCARD_BYTES) this.#socket.destroy();
      return;
    }
    try {
      this.#decoder.push(chunk, this.#onFrame);
    } catch (error) {
      this.#fail(error);
    }
  }

  onSocketDrain(): void {
    this.#outbound.socketDrained();
  }

  onPeerEnd(): void {
    this.#isClean = this.#outbound.pendingBytes === 0;
    if (this.#state !== 'open') return;
    this.#silenceMs = 0;
    this.#endByMs = this.#shared.keepalive.nowMs + this.#shared.limits.endMs;
    this.#tell('onPeerEnded');
  }

  onSocketClose(hadError: boolean): void {
    if (this.#state === 'closed') return;
    const isClean = this.#isClean && !hadError && this.#outbound.pendingBytes === 0;
    this.#state = 'closed';
    this.#decoder.close();
    this.#outbound.close();
    this.#kept = undefined;
    this.#shared.keepalive.remove(this);
    this.#shared.onClosed(this);
    try {
      this.#listener?.onClosed(isClean);
    } catch (error) {
      this.#logMistake(error);
    }
  }

  /** After `resume`: first the rest of the chunk at which the owner paused. */
  handOverKept(): void {
    const kept = this.#kept;
    if (kept === undefined || this.#isPaused) return;
    this.#kept = undefined;
    try {
      for (const frame of kept) this.#take(frame);
    } catch (error) {
      this.#fail(error);
    }
    if (!this.#isPaused && this.#state === 'open') this.#socket.resume();
  }

  #take(frame: DecodedFrame): void {
    if (this.#state !== 'open') return;
    if (this.#isPaused) {
      (this.#kept ??= []).push(frame);
      return;
    }
    if (frame.kind === 'text') this.#listener?.onFrame(frame.text, frame.terminator);
    else this.#listener?.onBadFrame(frame.kind);
  }

  #tell(what: Told): void {
    try {
      this.#listener?.[what]();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#logMistake(error);
    this.#socket.destroy();
  }

  #logMistake(error: unknown): void {
    this.#shared.log.error({ connection: this.id, err: error }, 'a session failed: connection destroyed');
  }
}

function handOverKept(connection: Connection): void {
  connection.handOverKept();
}

/** Where a socket keeps its connection: handlers are functions shared by all sockets, not closures of each. */
const CONNECTION = Symbol('connection');

type AttachedSocket = Socket & { [CONNECTION]: Connection };

function attach(socket: Socket, connection: Connection): void {
  (socket as AttachedSocket)[CONNECTION] = connection;
  socket.on('data', onData);
  socket.on('drain', onDrain);
  socket.on('end', onEnd);
  socket.on('close', onClose);
  // ECONNRESET, EPIPE, ETIMEDOUT …: what matters is that the connection is gone, and `close` follows.
  socket.on('error', ignore);
}

function onData(this: AttachedSocket, chunk: Buffer): void {
  this[CONNECTION].onData(chunk);
}

function onDrain(this: AttachedSocket): void {
  this[CONNECTION].onSocketDrain();
}

function onEnd(this: AttachedSocket): void {
  this[CONNECTION].onPeerEnd();
}

function onClose(this: AttachedSocket, hadError: boolean): void {
  this[CONNECTION].onSocketClose(hadError);
}

function ignore(): void {}
