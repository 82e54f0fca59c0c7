import { type ErrorCode, LIMITS } from '@parley/protocol';
import { ChatError } from '../../chat/chat-error.ts';
import { errorFrame, okFrame } from '../frames.ts';
import type { Link } from '../link.ts';
import type { SessionRegistry } from '../session-registry.ts';

/**
 * What one session writes, and what it owes. A peer that does not read its answers, that asks faster than it can be
 * answered, or whose log-in is being checked, is not read meanwhile. [LIMIT-1]
 */
export class Answers {
  readonly #link: Link;
  readonly #registry: SessionRegistry;
  /** Called when nothing is owed any more. */
  readonly #onSettled: () => void;
  /** Requests taken and not yet answered. */
  #pending = 0;
  #isCongested = false;
  #isHeld = false;
  #isPaused = false;
  #isClosed = false;

  constructor(link: Link, registry: SessionRegistry, onSettled: () => void) {
    this.#link = link;
    this.#registry = registry;
    this.#onSettled = onSettled;
  }

  get areSettled(): boolean {
    return this.#pending === 0;
  }

  /** False: the write queue is full, or the session has ended. */
  write(frame: Buffer): boolean {
    if (this.#isClosed) return false;
    if (this.#link.write(frame)) return true;
    this.#isCongested = true;
    this.#setPause();
    return false;
  }

  refuse(id: number | null, refusal: ErrorCode | ChatError, hint?: string): void {
    this.write(errorFrame(id, refusal, hint));
  }

  /** Runs a handler and writes what it answers. The only place where a promise of a handler is waited for. */
  answer(id: number, handle: () => object | Promise<object>): void {
    this.taken();
    Promise.try(handle).then(
      (ok) => this.settle(okFrame(id, ok)),
      (error: unknown) => this.fail(id, error),
    );
  }

  /** A request was taken; `settle` or `fail` follows, once. */
  taken(): void {
    this.#pending += 1;
    if (this.#pending === LIMITS.pendingRequests) this.#setPause();
  }

  settle(frame: Buffer): void {
    this.#pending -= 1;
    if (this.#isPaused) this.#setPause();
    this.write(frame);
    if (this.#pending === 0) this.#onSettled();
  }

  /** What a rule refused is for the client; anything else is a mistake of ours, and in our log. */
  fail(id: number, error: unknown): void {
    this.settle(errorFrame(id, error instanceof ChatError ? error : this.#registry.explain(error)));
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
    this.#setPause();
  }

  /** Nothing is written any more. */
  close(): void {
    this.#isClosed = true;
  }

  #setPause(): void {
    const shouldPause = this.#isCongested || this.#isHeld || this.#pending >= LIMITS.pendingRequests;
    if (shouldPause === this.#isPaused) return;
    this.#isPaused = shouldPause;
    if (shouldPause) this.#link.pause();
    else this.#link.resume();
  }
}
