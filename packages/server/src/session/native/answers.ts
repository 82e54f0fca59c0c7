import { type ErrorCode, LIMITS } from '@parley/protocol';
import { ChatError } from '../../chat/chat-error.ts';
import { errorFrame, okFrame } from '../frames.ts';
import type { Link } from '../link.ts';
import type { SessionRegistry } from '../session-registry.ts';

/**
 * Operations (apart from sends) of one session that may be under way at once: each may be answered by a frame of
 * 64 KiB, and while its peer does not read, all those frames wait here.
 */
const MAX_HANDLERS = 8;

/** Shared by all sessions that have none waiting, and never added to. */
const NONE: Buffer[] = [];

/**
 * What one session writes, and what it owes. A peer that does not read its answers, that asks faster than it can be
 * answered, or whose log-in is being checked, is not read meanwhile. [LIMIT-1]
 */
export class Answers {
  readonly #link: Link;
  readonly #registry: SessionRegistry;
  /** Called when nothing is owed any more. */
  readonly #onSettled: () => void;
  /** Requests taken and not yet answered, and those of them that a handler works on. */
  #pending = 0;
  #handlers = 0;
  /** Answers of handlers that wait for room. */
  #late: Buffer[] = NONE;
  #isCongested = false;
  #isHeld = false;
  #isPaused = false;
  #isClosed = false;

  constructor(link: Link, registry: SessionRegistry, onSettled: () => void) {
    this.#link = link;
    this.#registry = registry;
    this.#onSettled = onSettled;
  }

  /** Nothing is owed, and nothing waits to be read. */
  get areSettled(): boolean {
    return this.#pending === 0 && !this.#isPaused;
  }

  /** False: the write queue is full, or the session has ended. */
  write(frame: Buffer): boolean {
    if (this.#isClosed) return false;
    if (this.#link.write(frame)) return true;
    this.#isCongested = true;
    this.#setPause();
    return false;
  }

  /** Writes what may be missed, unless the write queue is full. */
  mention(frame: Buffer): void {
    if (!this.#isCongested) this.write(frame);
  }

  refuse(id: number | null, refusal: ErrorCode | ChatError, hint?: string): void {
    this.#registry.refusals.add(typeof refusal === 'string' ? refusal : refusal.code);
    this.write(errorFrame(id, refusal, hint));
  }

  /** Runs a handler and writes what it answers. The only place where a promise of a handler is waited for. */
  answer(id: number, handle: () => object | Promise<object>): void {
    this.#handlers += 1;
    this.taken();
    Promise.try(handle).then(
      (ok) => this.#handled(okFrame(id, ok)),
      (error: unknown) => this.#handled(this.#refusal(id, error)),
    );
  }

  /** A request was taken; `settle` or `fail` follows, once. */
  taken(): void {
    this.#pending += 1;
    if (this.#isBusy) this.#setPause();
  }

  settle(frame: Buffer): void {
    this.#pending -= 1;
    if (this.#isPaused) this.#setPause();
    this.write(frame);
    if (this.#pending === 0) this.#onSettled();
  }

  fail(id: number, error: unknown): void {
    this.settle(this.#refusal(id, error));
  }

  /** Nothing is read until `release`. */
  hold(): void {
    this.#isHeld = true;
    this.#setPause();
  }

  release(): void {
    this.#isHeld = false;
    this.#setPause();
  }

  drained(): void {
    this.#isCongested = false;
    while (!this.#isCongested) {
      const frame = this.#late.shift();
      if (frame === undefined) break;
      this.#handled(frame);
    }
    this.#setPause();
  }

  /** Nothing is written any more. */
  close(): void {
    this.#isClosed = true;
    this.#late = NONE;
  }

  #handled(frame: Buffer): void {
    if (this.#isCongested && !this.#isClosed) {
      if (this.#late === NONE) this.#late = [frame];
      else this.#late.push(frame);
      return;
    }
    this.#handlers -= 1;
    this.settle(frame);
  }

  /** What a rule refused is for the client; anything else is a mistake of ours, and in our log. */
  #refusal(id: number, error: unknown): Buffer {
    const refusal = error instanceof ChatError ? error : this.#registry.explain(error);
    this.#registry.refusals.add(refusal.code);
    return errorFrame(id, refusal);
  }

  /** Enough is under way. */
  get #isBusy(): boolean {
    return this.#pending >= LIMITS.pendingRequests || this.#handlers >= MAX_HANDLERS;
  }

  #setPause(): void {
    const shouldPause = this.#isCongested || this.#isHeld || this.#isBusy;
    if (shouldPause === this.#isPaused) return;
    this.#isPaused = shouldPause;
    if (shouldPause) this.#link.pause();
    else this.#link.resume();
  }
}
