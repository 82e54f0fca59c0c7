import { type DecodedFrame, FrameDecoder, LIMITS } from '@parley/protocol';
import type { Link, LinkListener, OpenSession } from '../../src/session/link.ts';
import { until } from './until.ts';

/** Where a peer seems to come from. */
export interface FakeLinkOptions {
  readonly remoteAddress?: string;
  readonly isLoopback?: boolean;
}

/** A connection without a socket. It cuts frames and keeps back those that come while it is paused, as net's does. */
export class FakeLink implements Link {
  readonly id = 1;
  readonly remoteAddress: string;
  readonly isLoopback: boolean;
  readonly written: string[] = [];
  /** What `write` answers: false once something takes no more. */
  isFull = false;
  isFlushed = true;
  isPaused = false;
  isEnded = false;
  silenceMs: number | undefined;
  onWritten: (frame: string) => void = () => {};
  readonly #decoder = new FrameDecoder({ maxFrameBytes: LIMITS.frameBytes });
  readonly #listener: LinkListener;
  #kept: DecodedFrame[] = [];
  #hasPeerEnded = false;

  constructor(open: OpenSession, options: FakeLinkOptions = {}) {
    this.remoteAddress = options.remoteAddress ?? '127.0.0.1';
    this.isLoopback = options.isLoopback ?? options.remoteAddress === undefined;
    this.#listener = open(this);
  }

  /** Frames that came while it was paused and wait. */
  get keptCount(): number {
    return this.#kept.length;
  }

  /** The peer sends these bytes. */
  receive(bytes: string | Uint8Array): void {
    const chunk = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    this.#decoder.push(chunk, (frame) => this.#take(frame));
  }

  write(frame: Buffer): boolean {
    if (this.isEnded) return false;
    const text = frame.toString();
    this.written.push(text);
    this.onWritten(text);
    return !this.isFull;
  }

  writePaced(frame: Buffer): boolean {
    return this.write(frame);
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    process.nextTick(() => this.#handOverKept());
  }

  expectWithin(silenceMs: number | undefined): void {
    this.silenceMs = silenceMs;
  }

  end(): void {
    this.isEnded = true;
  }

  /** Waits until so many frames were written. */
  wrote(count: number): Promise<void> {
    return until(() => this.written.length >= count);
  }

  /** The peer has read everything. */
  drain(): void {
    this.isFull = false;
    this.#listener.onDrained();
  }

  /** The next ones as the socket would tell them. */
  fallSilent(): void {
    this.#listener.onSilent();
  }

  stick(): void {
    this.#listener.onStuck();
  }

  /** Told after everything that the peer sent before it. */
  peerEnds(): void {
    if (this.isPaused || this.#kept.length > 0) this.#hasPeerEnded = true;
    else this.#listener.onPeerEnded();
  }

  close(isClean = false): void {
    this.isEnded = true;
    this.#listener.onClosed(isClean);
  }

  #take(frame: DecodedFrame): void {
    if (this.isEnded) return;
    if (this.isPaused) this.#kept.push(frame);
    else if (frame.kind === 'text') this.#listener.onFrame(frame.text, frame.terminator);
    else this.#listener.onBadFrame(frame.kind);
  }

  #handOverKept(): void {
    if (this.isPaused) return;
    const kept = this.#kept;
    this.#kept = [];
    for (const frame of kept) this.#take(frame);
    if (!this.#hasPeerEnded || this.isPaused) return;
    this.#hasPeerEnded = false;
    this.#listener.onPeerEnded();
  }
}
