import type { SeededRandom } from '@parley/testkit';
import type { Bus, BusEvent, BusListener } from '../../../src/chat/ports/index.ts';

/** How badly hints travel; probabilities. Order is always by chance. */
export interface SimHints {
  lost: number;
  doubled: number;
}

/** Carries hints between nodes: late, lost, doubled, in any order. */
export class SimNetwork {
  readonly #random: SeededRandom;
  readonly #hints: SimHints;
  readonly #nodes = new Set<SimBus>();
  #underWay: { readonly to: SimBus; readonly event: BusEvent }[] = [];

  constructor(random: SeededRandom, hints: SimHints) {
    this.#random = random;
    this.#hints = hints;
  }

  get isIdle(): boolean {
    return this.#underWay.length === 0;
  }

  get size(): number {
    return this.#nodes.size;
  }

  join(bus: SimBus): void {
    this.#nodes.add(bus);
  }

  leave(bus: SimBus): void {
    this.#nodes.delete(bus);
    this.#underWay = this.#underWay.filter(({ to }) => to !== bus);
  }

  publish(from: SimBus, event: BusEvent): void {
    for (const to of this.#nodes) {
      if (to === from || this.#random.chance(this.#hints.lost)) continue;
      this.#underWay.push({ to, event });
      if (this.#random.chance(this.#hints.doubled)) this.#underWay.push({ to, event });
    }
  }

  /** Tells all nodes, surely and at once. */
  tell(event: BusEvent): void {
    for (const bus of this.#nodes) bus.hear(event);
  }

  /** One hint arrives. */
  step(): void {
    const index = this.#random.below(this.#underWay.length);
    const [hint] = this.#underWay.splice(index, 1);
    hint?.to.hear(hint.event);
  }
}

/** One node's end of the network. */
export class SimBus implements Bus {
  readonly #network: SimNetwork;
  readonly isUp = true;
  #listener: BusListener | undefined;

  constructor(network: SimNetwork) {
    this.#network = network;
    network.join(this);
  }

  get hasPeers(): boolean {
    return this.#network.size > 1;
  }

  publish(event: BusEvent): void {
    this.#network.publish(this, event);
  }

  subscribe(): void {}

  unsubscribe(): void {}

  listen(listener: BusListener): void {
    this.#listener = listener;
  }

  hear(event: BusEvent): void {
    this.#listener?.heard(event);
  }

  close(): Promise<void> {
    this.#network.leave(this);
    return Promise.resolve();
  }
}
