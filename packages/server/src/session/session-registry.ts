import type { CloseReason } from '@parley/protocol';
import { ChatError } from '../chat/chat-error.ts';
import { StoreUnavailable } from '../chat/ports/index.ts';
import type { Logger } from '../observe/log.ts';
import { Tally } from '../observe/metrics.ts';

/** One connection's session, whatever its dialect, as the layer sees it. */
export interface RegisteredSession {
  /** The server is about to stop: come back after this time. */
  goaway(afterMs: number): void;
  /** Ends the connection, telling why where the dialect has a word for it. */
  close(reason: CloseReason): void;
  /** A second has passed: end what has waited too long, store what can wait. */
  tick(nowMs: number): void;
}

/** The sessions of this node, and the mistakes that were made in answering them. */
export class SessionRegistry {
  readonly #sessions = new Set<RegisteredSession>();
  readonly #log: Logger;
  /** Requests refused, by code; those of the classic dialect, which has none, under `classic`. */
  readonly refusals = new Tally();
  /** Requests answered or refused. */
  requests = 0;
  #mistakes = 0;

  constructor(log: Logger) {
    this.#log = log;
  }

  get size(): number {
    return this.#sessions.size;
  }

  add(session: RegisteredSession): void {
    this.#sessions.add(session);
  }

  delete(session: RegisteredSession): void {
    this.#sessions.delete(session);
  }

  [Symbol.iterator](): IterableIterator<RegisteredSession> {
    return this.#sessions.values();
  }

  /** An error that no rule threw, as the client may see it. A mistake of ours is logged under a reference. */
  explain(error: unknown): ChatError {
    if (error instanceof StoreUnavailable) return new ChatError('store_unavailable', { cause: error });
    this.#mistakes += 1;
    const code = `mistake-${this.#mistakes}`;
    this.#log.error({ err: error, code }, 'a request could not be answered');
    return new ChatError('internal', { hint: `the server's log has it as ${code}`, cause: error });
  }
}
