import type { Clock, Store } from './chat/ports/index.ts';
import type { HealthServer } from './http/health.ts';
import type { Listener } from './net/listener.ts';

/** Clients are told to leave within this time, each at another moment, in milliseconds. */
const GOAWAY_MS = 500;

/** How long the server waits for them to leave by themselves, in milliseconds. */
const LEAVE_MS = 1_000;

/** Looks whether they have left, in milliseconds. */
const LOOK_MS = 20;

/** Where somebody may come in. */
export interface Doors {
  readonly listener: Listener;
  readonly health: HealthServer | undefined;
  readonly readiness: Readiness;
}

/** Whether new clients should come here. */
export interface Readiness {
  isReady: boolean;
}

/** What a server consists of, as far as stopping it goes. */
export interface Running extends Doors {
  readonly parts: { readonly store: Store; readonly clock: Clock; readonly delivery: { drain(): Promise<void> } };
  readonly sessions: { goaway(afterMs: number): void; endAll(): void };
  readonly opened: AsyncDisposableStack;
}

/** A server that accepts clients until it is drained and closed. */
export class RunningServer {
  readonly address: string;
  readonly port: number;
  readonly proxyPort: number | undefined;
  readonly httpPort: number | undefined;
  readonly store: Store;
  readonly #running: Running;

  constructor(running: Running) {
    this.address = running.listener.address;
    this.port = running.listener.port;
    this.proxyPort = running.listener.proxyPort;
    this.httpPort = running.health?.port;
    this.store = running.parts.store;
    this.#running = running;
  }

  /**
   * Lets nobody new in, tells those inside, gives them a moment to leave, settles what was accepted, and ends the
   * rest with all that is queued for them. [OPS-1]
   */
  async drain(): Promise<void> {
    const { listener, parts, sessions, readiness } = this.#running;
    readiness.isReady = false;
    listener.stopAccepting();
    sessions.goaway(GOAWAY_MS);
    await this.#untilEmpty(parts.clock.monotonic() + LEAVE_MS);
    await parts.delivery.drain();
    sessions.endAll();
    await listener.close();
  }

  /** Closes everything, in reverse order; connections that are left are cut. */
  async close(): Promise<void> {
    this.#running.readiness.isReady = false;
    await this.#running.opened.disposeAsync();
  }

  async #untilEmpty(deadlineMs: number): Promise<void> {
    const { listener, parts } = this.#running;
    while (listener.connectionCount > 0 && parts.clock.monotonic() < deadlineMs) {
      await new Promise<void>((resolve) => {
        parts.clock.after(LOOK_MS, resolve);
      });
    }
  }
}
