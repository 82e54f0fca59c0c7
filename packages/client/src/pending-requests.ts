import { ClientError } from './errors.ts';

/** What the owner of a request is told, once. */
export interface Waiter {
  readonly resolve: (ok: unknown) => void;
  readonly reject: (error: Error) => void;
  /** When the answer is overdue; on the clock of `expire`, in milliseconds. */
  readonly deadlineMs: number;
}

interface Pending extends Waiter {
  readonly writtenAtMs: number;
}

/**
 * Requests that were written and not answered: number → waiter, with a deadline each. Pure but for the waiters it
 * calls. Numbers rise, so the first one is the oldest.
 */
export class PendingRequests {
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  get size(): number {
    return this.#pending.size;
  }

  /** When the oldest unanswered request was written; undefined when none waits. */
  get waitingSinceMs(): number | undefined {
    for (const pending of this.#pending.values()) return pending.writtenAtMs;
    return undefined;
  }

  /** Registers a request and returns its number. */
  add(waiter: Waiter, nowMs: number): number {
    this.#lastId += 1;
    this.#pending.set(this.#lastId, { ...waiter, writtenAtMs: nowMs });
    return this.#lastId;
  }

  /** Takes the waiter of an answer; undefined when nobody waits for it any more. */
  take(id: number): Waiter | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  /** Rejects what is overdue. An answer that comes later is ignored. */
  expire(nowMs: number): void {
    for (const [id, pending] of this.#pending) {
      if (pending.deadlineMs > nowMs) continue;
      this.#pending.delete(id);
      pending.reject(new ClientError({ kind: 'timeout', message: 'The server did not answer in time.' }));
    }
  }

  /** The link died: rejects everything, in the order of writing. */
  rejectAll(error: Error): void {
    const all = [...this.#pending.values()];
    this.#pending.clear();
    for (const pending of all) pending.reject(error);
  }
}
