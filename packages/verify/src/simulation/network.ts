import type { Bus, BusEvent, BusListener, BusTopic } from '@parley/server/ports';
import type { Host } from './database.ts';
import type { FaultBudget, Step } from './step.ts';

interface Hint {
  readonly to: SimBus;
  readonly event: BusEvent;
  readonly name: string;
}

/** Carries hints between nodes: in any order, and as its faults say lost, doubled, or never sent by anybody. */
export class SimNetwork {
  readonly #faults: FaultBudget;
  readonly #nodes = new Set<SimBus>();
  #underWay: Hint[] = [];
  /** How many hints were published, heard or not. */
  published = 0;

  constructor(faults: FaultBudget) {
    this.#faults = faults;
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
    if (from.isAway) return;
    this.published += 1;
    for (const to of this.#nodes) {
      if (to !== from && to.hears(event)) this.send(to, event);
    }
  }

  /** A node loses the bus, or all do; they notice, or take it for silent. */
  outages(): Step[] {
    const nodes = [...this.#nodes].filter(({ host }) => host.isRunning);
    const up = nodes.filter(({ isAway }) => !isAway);
    const lose = (buses: readonly SimBus[], name: string): Step[] =>
      [true, false].map((isNoticed) => {
        const run = () => {
          this.#faults.take('outage');
          for (const bus of buses) this.#lose(bus, isNoticed);
        };
        return { kind: 'fault', label: `${name} lost the bus${isNoticed ? '' : ' unnoticed'}`, run };
      });
    const losses =
      this.#faults.may('outage') && up.length > 0
        ? [...up.flatMap((bus) => lose([bus], bus.host.name)), ...lose(up, 'all')]
        : [];
    return [...losses, ...nodes.filter(({ isAway }) => isAway).flatMap((bus) => bus.returns())];
  }

  /** The bus is back everywhere. */
  heal(): void {
    for (const bus of this.#nodes) bus.comeBack();
  }

  #lose(bus: SimBus, isNoticed: boolean): void {
    bus.goAway(isNoticed);
    this.#underWay = this.#underWay.filter(({ to }) => to !== bus);
  }

  send(to: SimBus, event: BusEvent): void {
    if (!to.isAway) this.#underWay.push({ to, event, name: nameOf(event) });
  }

  steps(): Step[] {
    const hints = this.#underWay.filter(({ to }) => to.host.isRunning);
    const steps = hints.flatMap((hint): Step[] => {
      const label = `${hint.to.host.name} hint ${hint.name}`;
      const arrive: Step = { kind: 'hint', label, at: hint.to.host.name, run: () => this.#arrive(hint, false) };
      const lose = this.#fault('loseHint', { label: `${label} lost`, run: () => this.#remove(hint) });
      const double = this.#fault('doubleHint', {
        label: `${label} doubled`,
        at: hint.to.host.name,
        run: () => this.#arrive(hint, true),
      });
      return [arrive, ...lose, ...double];
    });
    return [...steps, ...[...this.#nodes].flatMap((bus) => bus.steps())];
  }

  /** For the state's hash. */
  describe(): unknown {
    const hints = this.#underWay.map(({ to, name }) => `${to.host.name} ${name}`).toSorted();
    return [hints, [...this.#nodes].map((bus) => bus.describe())];
  }

  #fault(fault: 'loseHint' | 'doubleHint', { run, ...step }: Pick<Step, 'label' | 'run' | 'at'>): Step[] {
    if (!this.#faults.may(fault)) return [];
    const take = () => {
      this.#faults.take(fault);
      run();
    };
    return [{ kind: 'hint', ...step, run: take }];
  }

  #arrive(hint: Hint, again: boolean): void {
    if (!again) this.#remove(hint);
    hint.to.hear(hint.event);
  }

  #remove(hint: Hint): void {
    this.#underWay = this.#underWay.filter((other) => other !== hint);
  }
}

/** One node's end of the network. A subscription takes effect some time later, and then says so. */
export class SimBus implements Bus {
  readonly host: Host;
  readonly #network: SimNetwork;
  readonly #topics = new Set<string>();
  readonly #pending = new Set<string>();
  /** Nothing comes and nothing goes. */
  isAway = false;
  isUp = true;
  #listener: BusListener | undefined;

  constructor(network: SimNetwork, host: Host) {
    this.#network = network;
    this.host = host;
    network.join(this);
  }

  get hasPeers(): boolean {
    return this.#network.size > 1;
  }

  publish(event: BusEvent): void {
    this.#network.publish(this, event);
  }

  subscribe({ kind, id }: BusTopic): void {
    const topic = `${kind} ${id}`;
    if (!this.#topics.has(topic)) this.#pending.add(topic);
  }

  unsubscribe({ kind, id }: BusTopic): void {
    this.#pending.delete(`${kind} ${id}`);
    this.#topics.delete(`${kind} ${id}`);
  }

  listen(listener: BusListener): void {
    this.#listener = listener;
  }

  goAway(isNoticed: boolean): void {
    this.isAway = true;
    this.isUp = !isNoticed;
  }

  /** It subscribes anew to everything. */
  comeBack(): void {
    if (!this.isAway) return;
    this.isAway = false;
    this.isUp = true;
    for (const topic of this.#topics) this.#pending.add(topic);
    this.#topics.clear();
  }

  returns(): Step[] {
    const { name } = this.host;
    const back: Step = { kind: 'heal', label: `${name} has the bus again`, run: () => this.comeBack() };
    const notice: Step = { kind: 'heal', label: `${name} misses the bus`, run: () => this.goAway(true) };
    return this.isUp ? [notice, back] : [back];
  }

  hears(event: BusEvent): boolean {
    if (this.isAway) return false;
    if (event.kind === 'entries') return this.#topics.has(`conversation ${event.conversation}`);
    const users = event.kind === 'users' ? event.users : [event.user];
    return users.some((user) => this.#topics.has(`user ${user}`));
  }

  hear(event: BusEvent): void {
    this.#listener?.heard(event);
  }

  close(): Promise<void> {
    this.#network.leave(this);
    return Promise.resolve();
  }

  steps(): Step[] {
    if (this.#pending.size === 0 || !this.host.isRunning || this.isAway) return [];
    const confirm = () => {
      for (const topic of this.#pending) this.#topics.add(topic);
      this.#pending.clear();
      this.#listener?.mayHaveMissed();
    };
    return [{ kind: 'subscribe', label: `${this.host.name} subscribed`, at: this.host.name, run: confirm }];
  }

  describe(): unknown {
    return [this.host.name, [...this.#topics].toSorted(), [...this.#pending].toSorted()];
  }
}

function nameOf(event: BusEvent): string {
  if (event.kind === 'entries') {
    const { conversation, seq, tag, prevTag, entries } = event;
    return `${conversation}/${seq} ${tag} ${prevTag} ${entries.length}`;
  }
  return event.kind === 'users' ? `users ${event.users.join(',')}` : 'revoked';
}
