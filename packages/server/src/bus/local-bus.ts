import type { Bus, BusEvent, BusListener } from '../chat/ports/bus.ts';

/** A hub within one process. */
export interface LocalBus {
  /** A door for one more node. */
  join(): Bus;
}

/** Makes the bus of the embedded node, which has nobody to talk to; tests join several nodes to one. */
export function createLocalBus(): LocalBus {
  const members = new Set<LocalMember>();
  return {
    join() {
      const member = new LocalMember(members);
      members.add(member);
      return member;
    },
  };
}

/** Hears everything, whatever was subscribed to: within one process that costs nothing. */
class LocalMember implements Bus {
  readonly isUp = true;
  readonly #members: Set<LocalMember>;
  readonly #inbox: BusEvent[] = [];
  #listener: BusListener | undefined;
  #isAsking = false;

  constructor(members: Set<LocalMember>) {
    this.#members = members;
  }

  get hasPeers(): boolean {
    return this.#members.size > 1;
  }

  publish(event: BusEvent): void {
    if (!this.#members.has(this)) return;
    for (const member of this.#members) {
      if (member !== this) member.#receive(event);
    }
  }

  /** Counts at once; said later, as everything is. */
  subscribe(): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    queueMicrotask(() => {
      this.#isAsking = false;
      if (this.#members.has(this)) this.#listener?.mayHaveMissed();
    });
  }

  unsubscribe(): void {}

  listen(listener: BusListener): void {
    this.#listener = listener;
  }

  async close(): Promise<void> {
    this.#members.delete(this);
    this.#inbox.length = 0;
  }

  /** Never within the publisher's call: on a real bus it would be elsewhere and later. */
  #receive(event: BusEvent): void {
    this.#inbox.push(event);
    if (this.#inbox.length === 1) queueMicrotask(() => this.#deliver());
  }

  #deliver(): void {
    const events = this.#inbox.splice(0);
    for (const event of events) {
      if (this.#members.has(this)) this.#listener?.heard(event);
    }
  }
}
