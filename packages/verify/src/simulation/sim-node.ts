import type { UserId } from '@parley/protocol';
import { createDelivery, type Delivery, History } from '@parley/server/delivery';
import { type Conversation, type ConversationId, StoreUnavailable } from '@parley/server/ports';
import type { Host, SimDatabase } from './database.ts';
import { SimBus, type SimNetwork } from './network.ts';
import { OwnWriters } from './own-writers.ts';
import type { ServerSession } from './server-session.ts';
import { SimChanges } from './sim-changes.ts';
import { SimClock, type SimTime } from './sim-clock.ts';
import { SimJournal } from './sim-journal.ts';
import { SimStore, type StoreMistakes } from './sim-store.ts';
import type { Step } from './step.ts';
import type { Tables } from './tables.ts';

/** What a node is put into. */
export interface Surroundings {
  readonly database: SimDatabase;
  readonly network: SimNetwork;
  readonly time: SimTime;
  readonly mistakes: StoreMistakes;
}

/** @throws {StoreUnavailable} there is none: it was made after an older copy */
function conversationAt({ logs }: Tables, address: string): Conversation {
  for (const { conversation } of logs.values()) if (conversation.address === address) return conversation;
  throw new StoreUnavailable(address);
}

const SILENT = { warn: () => undefined, error: () => undefined };

/** One node from its start to its crash: the real delivery over simulated ports. */
export class SimNode implements Host {
  readonly name: string;
  readonly clock: SimClock;
  readonly store: SimStore;
  readonly changes: SimChanges;
  readonly journal: SimJournal;
  readonly bus: SimBus;
  readonly delivery: Delivery;
  readonly history: History;
  readonly sessions = new Set<ServerSession>();
  /** The last entry of each conversation that it has committed and acknowledged. */
  readonly acknowledged = new Map<ConversationId, number>();
  readonly #time: SimTime;
  #state: 'up' | 'frozen' | 'down' = 'up';
  /** It has read the journal for the first time, and takes connections. */
  isReady = false;
  /** It ran when an older copy of the database took over: until it notices, it may serve what it held. */
  isOld = false;

  constructor(number: number, life: number, { database, network, time, mistakes }: Surroundings) {
    this.name = life === 1 ? `n${number}` : `n${number}.${life}`;
    this.#time = time;
    this.clock = new SimClock(time);
    let drawn = 0;
    const writers = new OwnWriters(() => {
      drawn += 1;
      return number * 1_000_000 + life * 1_000 + drawn;
    }, mistakes.forgetsEndedWriters);
    this.store = new SimStore(database, this, { writers, now: () => time.nowMs, mistakes });
    this.changes = new SimChanges(database, this, writers);
    this.bus = new SimBus(network, this);
    this.journal = new SimJournal(database, this, { own: writers, forgetsReadRows: mistakes.forgetsReadRows });
    const { bus, journal } = this;
    this.delivery = createDelivery({ store: this.store.port, bus, journal, clock: this.clock, log: SILENT });
    const byAddress = (_me: UserId, address: string) => Promise.resolve(conversationAt(database.tables, address));
    this.history = new History(this.store.port, { existing: byAddress });
    this.#start();
  }

  get isRunning(): boolean {
    return this.#state === 'up';
  }

  get isFrozen(): boolean {
    return this.#state === 'frozen';
  }

  freeze(): void {
    this.#state = 'frozen';
  }

  thaw(): void {
    this.#state = 'up';
  }

  crash(): void {
    this.#state = 'down';
    this.store.cut();
    void this.bus.close();
    for (const session of this.sessions) session.lose();
  }

  /** Timers that are due. */
  steps(): Step[] {
    const isDue = this.isRunning && this.clock.nextMs <= this.#time.nowMs;
    return isDue
      ? [
          {
            kind: 'timer',
            label: `${this.name} timer`,
            at: this.name,
            content: this.#time.nowMs,
            run: () => this.clock.fire(),
          },
        ]
      : [];
  }

  #start(): void {
    this.delivery.start().then(
      () => (this.isReady = true),
      () => this.clock.after(100, () => this.#start()),
    );
  }
}
