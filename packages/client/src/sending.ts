import type { AppendReply, OutcomeReply, WireError } from '@parley/protocol';
import type { Connection } from './connection.ts';
import { ClientError } from './errors.ts';
import { MOST_UNSETTLED, type Outgoing, SendQueue } from './send-queue.ts';
import type { Sources } from './sources.ts';

/** What `send` resolves with: where the message stands. */
export interface Sent extends AppendReply {
  readonly clientId: string;
}

interface Caller extends PromiseWithResolvers<Sent> {
  readonly to: string;
  readonly text: string;
}

/** How often waiting messages look at the clock, in milliseconds. */
const TICK_MS = 100;
/** An answer that does not come is the heartbeat's business: the link dies, and the message goes again. */
const NO_DEADLINE_MS = Number.POSITIVE_INFINITY;

/** Carries out what the send queue asks: the one way by which messages leave this process. */
export class Sending {
  readonly #sources: Sources;
  readonly #queue: SendQueue;
  readonly #callers = new Map<string, Caller>();
  #connection: Connection | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(sources: Sources) {
    this.#sources = sources;
    this.#queue = new SendQueue({
      transmit: (message, after) => this.#transmit(message, after),
      cancel: (message) => this.#cancel(message),
      settled: (message, outcome) => this.#settled(message, outcome),
    });
  }

  /** Sends; resolves when the server has stored it. The same message given twice is one. */
  async send(message: Omit<Outgoing, 'deadlineMs'>, timeoutMs: number): Promise<Sent> {
    const { clientId, to, text } = message;
    const earlier = this.#callers.get(clientId);
    if (earlier !== undefined) {
      if (earlier.to === to && earlier.text === text) return await earlier.promise;
      throw local('id_conflict', 'This client id is under way with another content.', clientId);
    }
    if (this.#queue.size >= MOST_UNSETTLED) throw local('busy', 'Too many messages are under way.', clientId);
    const caller = { to, text, ...Promise.withResolvers<Sent>() };
    this.#callers.set(clientId, caller);
    this.#timer ??= setInterval(() => this.#tick(), TICK_MS);
    this.#queue.submit({ ...message, deadlineMs: this.#sources.monotonicMs() + timeoutMs });
    return await caller.promise;
  }

  /** Why a message has to wait, in the server's words. */
  refusedForNow(clientId: string): WireError | undefined {
    return this.#queue.refusedForNow(clientId);
  }

  /** There is a connection with a session. */
  linkUp(connection: Connection): void {
    this.#connection = connection;
    this.#queue.linkUp();
  }

  /** The connection is gone; `error`: for good. */
  linkDown(error: ClientError | undefined): void {
    this.#connection = undefined;
    this.#queue.linkDown(error);
  }

  #transmit({ clientId, to, text, mayGo }: Outgoing, after: string | undefined): void {
    if (mayGo?.() === false) {
      // The queue is in the middle of something.
      queueMicrotask(() => this.#queue.withdrawn(clientId));
      return;
    }
    const fields = after === undefined ? { to, text, clientId } : { to, text, clientId, after };
    this.#connection?.request('send', fields, NO_DEADLINE_MS).then(
      (reply: AppendReply) => this.#queue.answered(clientId, reply),
      (error: unknown) => this.#refused(clientId, error),
    );
  }

  #cancel({ clientId, to }: Outgoing): void {
    this.#connection?.request('cancel', { to, clientId }, NO_DEADLINE_MS).then(
      (reply: OutcomeReply) => this.#queue.cancelAnswered(clientId, reply, this.#sources.monotonicMs()),
      (error: unknown) => this.#refused(clientId, error),
    );
  }

  /** A lost link is told to the queue as such, not as a refusal. */
  #refused(clientId: string, error: unknown): void {
    if (!(error instanceof ClientError) || error.kind !== 'refused') return;
    this.#queue.refused(clientId, toWireError(error), this.#sources.monotonicMs());
  }

  #settled({ clientId }: Outgoing, outcome: AppendReply | ClientError): void {
    const caller = this.#callers.get(clientId);
    this.#callers.delete(clientId);
    if (outcome instanceof ClientError) caller?.reject(outcome);
    else caller?.resolve({ ...outcome, clientId });
  }

  #tick(): void {
    this.#queue.tick(this.#sources.monotonicMs());
    if (this.#callers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function toWireError(error: ClientError): WireError {
  const { code, message, hint, retryAfterMs } = error;
  return {
    code: code as WireError['code'],
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

function local(code: string, message: string, clientId: string): ClientError {
  return new ClientError({ kind: 'refused', code, message, clientId });
}
