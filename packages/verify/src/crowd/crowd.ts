import { setTimeout as sleep } from 'node:timers/promises';
import { digestOf } from '../history/digest.ts';
import type { HistoryWriter } from '../history/history-writer.ts';
import { OpenLoop } from '../load/open-loop.ts';
import { ACTS, type Stage } from './acts.ts';
import { Chain } from './chain.ts';
import type { Chance } from './chance.ts';
import type { CrowdParts, Device } from './device.ts';
import type { Endpoint } from './endpoint.ts';
import { foundCrowd } from './found-crowd.ts';
import type { Person } from './person.ts';

/** What a crowd is made of and how much it does. */
export interface CrowdOptions {
  readonly history: HistoryWriter;
  readonly endpoints: readonly Endpoint[];
  readonly chance: Chance;
  readonly users: number;
  /** Messages a second, as far as the other side takes them. */
  readonly rate: number;
  /** It is not wanted any more: making it, and waiting for its end, ends early. */
  readonly signal: AbortSignal;
}

/** A message that is settled, one way or another. */
export interface SettledId {
  readonly conversation: string;
  readonly clientId: string;
}

/** Counts for people who watch. */
export interface CrowdCounts {
  sent: number;
  acknowledged: number;
  delivered: number;
  /** Refusals that came to an end of a message. */
  refused: number;
  /** Refusals because the database was not to be had. */
  unavailable: number;
}

const TICK_MS = 250;
const PUMP_MS = 25;
/** Acts besides sending, a second and person. */
const ACTS_PER_PERSON = 0.4;
/** Messages of one device to one conversation that may wait: beyond them people type slower. */
const MOST_WAITING = 50;
const QUIET_MS = 1_200;
/** When nothing at all has moved for so long, what is still open stays so. */
const STILL_MS = 45_000;
const REPEAT_SHARE = 0.01;
/** Settled messages of one person that are kept to be asked for at the end, chosen by chance. */
const SAMPLE = 200;
const FILLER = 'the quick brown fox jumps over the lazy dog '.repeat(5);

/** People who talk, come and go; seeded. */
export class Crowd {
  readonly counts: CrowdCounts;
  readonly people: readonly Person[];
  readonly #options: CrowdOptions;
  readonly #stage: Stage;
  readonly #chains = new Map<string, Chain>();
  readonly #loops: OpenLoop[];
  readonly #timers: NodeJS.Timeout[];
  /** The greatest seq that was acknowledged in each conversation. */
  readonly #heads = new Map<string, number>();
  readonly #weights: readonly string[];
  readonly #newId: () => string;
  readonly #last: Latest;
  readonly #samples = new Map<number, { seen: number; readonly ids: SettledId[] }>();
  #acting = 0;
  #isStopped = false;

  private constructor(options: CrowdOptions, founded: Founded) {
    this.#options = options;
    this.people = founded.people;
    this.#stage = { ...founded, history: options.history, chance: options.chance.fork() };
    this.#newId = founded.newId;
    this.#last = founded.last;
    this.counts = founded.counts;
    this.#weights = Object.entries(ACTS).flatMap(([name, { weight }]) => Array.from({ length: weight }, () => name));
    const acts = options.users * ACTS_PER_PERSON;
    this.#loops = [new OpenLoop(options.rate, () => this.#send()), new OpenLoop(acts, () => this.#act())];
    this.#timers = [setInterval(() => this.#tick(), TICK_MS), setInterval(() => this.#pump(), PUMP_MS)];
  }

  /** Registers all and makes their groups; the rest begins with `start`. */
  static async found(options: CrowdOptions): Promise<Crowd> {
    const counts: CrowdCounts = { sent: 0, acknowledged: 0, delivered: 0, refused: 0, unavailable: 0 };
    const last: Latest = { deliveryAt: 0, devices: [] };
    const newId = idMaker();
    const parts = partsOf(options, { counts, last });
    const { history, users, chance, signal } = options;
    try {
      const people = await foundCrowd({ history, newId, parts, chance: chance.fork(), size: { users }, signal });
      return new Crowd(options, { people, parts, newId, counts, last });
    } catch (error) {
      for (const device of last.devices) device.retire();
      throw error;
    }
  }

  /** Devices that stay, in a fixed order. */
  get devices(): Device[] {
    return this.people.flatMap(({ devices }) => devices);
  }

  /** All that they may talk in. */
  get conversations(): ReadonlySet<string> {
    return new Set(this.people.flatMap(({ pairs, groups }) => [...pairs, ...groups]));
  }

  get live(): number {
    return this.devices.filter(({ isLive }) => isLive).length;
  }

  /** Messages of a user that are settled; not all, but each with the same probability. */
  idsOf(user: number): readonly SettledId[] {
    return this.#samples.get(user)?.ids ?? [];
  }

  start(): void {
    for (const loop of this.#loops) loop.start();
  }

  /**
   * Stops sending, brings all devices back and waits until everything is settled and everyone has what was acknowledged.
   * @returns what is still open when `ms` are over; empty when all is well
   */
  async finish(ms: number): Promise<string[]> {
    for (const loop of this.#loops) loop.stop();
    this.#isStopped = true;
    const end = performance.now() + ms;
    let movedAt = performance.now();
    let before = '';
    while (performance.now() < Math.min(end, movedAt + STILL_MS) && !this.#options.signal.aborted) {
      if (this.#acting === 0) for (const device of this.devices) device.goOnline();
      const open = this.#openEnds();
      if (open.length === 0 && performance.now() - this.#last.deliveryAt > QUIET_MS) break;
      const now = open.join();
      if (now !== before || this.#last.deliveryAt > movedAt) movedAt = performance.now();
      before = now;
      await sleep(PUMP_MS);
    }
    const { history } = this.#options;
    for (const device of this.devices) history.write({ k: 'final', u: device.user, d: device.id });
    return this.#openEnds();
  }

  /** Ends all sessions. */
  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const loop of this.#loops) loop.stop();
    for (const device of this.#last.devices) device.retire();
  }

  #openEnds(): string[] {
    const waiting = [...this.#chains.values()].reduce((sum, chain) => sum + chain.waiting, 0);
    const behind = this.people.flatMap((person) => person.devices.flatMap((device) => this.#whatLacks(person, device)));
    return [
      ...(waiting > 0 ? [`${waiting} messages are not settled`] : []),
      ...(this.#acting > 0 ? [`${this.#acting} other calls are not settled`] : []),
      ...behind,
    ];
  }

  #whatLacks({ pairs, memberOf }: Person, device: Device): string[] {
    if (!device.isSynced) return [`device ${device.id} is not synced`];
    return [...pairs, ...memberOf]
      .filter((name) => device.cursors.seqIn(name) < (this.#heads.get(name) ?? 0))
      .map((name) => `device ${device.id} is at ${name}/${device.cursors.seqIn(name)} of ${this.#heads.get(name)}`);
  }

  #send(): void {
    const { chance } = this.#options;
    const person = chance.pick(this.people);
    const device = chance.pick(person.devices);
    if (!device.wantsOnline) return;
    // Now and then where one is not, or is no more: that must be refused.
    const groups = chance.happens(0.02) ? person.groups : [...person.memberOf];
    const list = groups.length > 0 && chance.happens(0.3) ? groups : person.pairs;
    const chain = this.#chainOf(device, chance.pick(list));
    if (chain.waiting >= MOST_WAITING) return;
    const clientId = this.#newId();
    this.counts.sent += 1;
    chain.add(clientId, `${clientId} ${FILLER.slice(0, chance.below(FILLER.length))}`);
  }

  #chainOf(device: Device, conversation: string): Chain {
    const key = `${device.id} ${conversation}`;
    let chain = this.#chains.get(key);
    if (!chain) {
      chain = new Chain(device, conversation, (clientId, text, outcome) => {
        this.#sample(device.user, { conversation, clientId });
        if (outcome.kind === 'ok') this.#stored(device, { to: conversation, clientId, text }, outcome.reply);
        else this.counts.refused += 1;
      });
      this.#chains.set(key, chain);
    }
    return chain;
  }

  #stored(device: Device, message: Message, { seq, tag }: { seq?: number; tag?: number }): void {
    this.counts.acknowledged += 1;
    if (seq === undefined) return;
    this.#heads.set(message.to, Math.max(seq, this.#heads.get(message.to) ?? 0));
    device.cursors.acknowledged(message.to, seq, tag ?? 0);
    if (this.#options.chance.happens(REPEAT_SHARE)) this.#repeat(device, message);
  }

  /** Each is kept with the same probability. */
  #sample(user: number, id: SettledId): void {
    const sample = this.#samples.get(user) ?? { seen: 0, ids: [] };
    this.#samples.set(user, sample);
    sample.seen += 1;
    const place = sample.ids.length < SAMPLE ? sample.ids.length : this.#options.chance.below(sample.seen);
    if (place < SAMPLE) sample.ids[place] = id;
  }

  /** What was acknowledged is sent once more, maybe from another device: it must get its first outcome. */
  #repeat({ user }: Device, message: Message): void {
    const person = this.people.find(({ id }) => id === user);
    const other = this.#options.chance.pick(person?.devices ?? []);
    const note = { op: 'send', c: message.to, i: message.clientId, x: digestOf(message.text) } as const;
    void other?.request('send', message, note);
  }

  #act(): void {
    const { chance } = this.#options;
    const person = chance.pick(this.people);
    const device = chance.pick(person.devices);
    const act = ACTS[chance.pick(this.#weights)]?.act;
    if (!act || person.isBusy || !device.isLive || device.isPaused || this.#isStopped) return;
    person.isBusy = true;
    this.#acting += 1;
    void act(person, device, this.#stage).finally(() => {
      person.isBusy = false;
      this.#acting -= 1;
    });
  }

  #tick(): void {
    for (const device of this.devices) device.tick();
  }

  #pump(): void {
    for (const chain of this.#chains.values()) if (chain.waiting > 0) chain.pump();
  }
}

interface Message {
  readonly to: string;
  readonly clientId: string;
  readonly text: string;
}

interface Founded {
  readonly people: readonly Person[];
  readonly parts: CrowdParts;
  readonly newId: () => string;
  readonly counts: CrowdCounts;
  readonly last: Latest;
}

/** What devices tell the crowd. */
interface Latest {
  deliveryAt: number;
  /** All that were ever made. */
  readonly devices: Device[];
}

function partsOf(
  { history, endpoints, chance }: CrowdOptions,
  { counts, last }: Pick<Founded, 'counts' | 'last'>,
): CrowdParts {
  let sessions = 0;
  const nextSession = (): number => {
    sessions += 1;
    return sessions;
  };
  const onDelivery = (): void => {
    counts.delivered += 1;
    last.deliveryAt = performance.now();
  };
  const onUnavailable = (): void => {
    counts.unavailable += 1;
  };
  const onDevice = (device: Device): void => void last.devices.push(device);
  return { history, endpoints, chance: chance.fork(), nextSession, onDelivery, onUnavailable, onDevice };
}

/** Short, printable, and leading with time, which keeps the server's index in one place. */
function idMaker(): () => string {
  let count = 0;
  return () => {
    count += 1;
    return `${Date.now().toString(36)}-${count.toString(36)}`;
  };
}
