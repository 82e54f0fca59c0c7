import { setImmediate } from 'node:timers/promises';
import type { MemberRole, Seq, Tag, UserId } from '@parley/protocol';
import { FakeClock, SeededRandom } from '@parley/testkit';
import type { AppendRequest, Conversation, ConversationId } from '../../../src/chat/ports/index.ts';
import { createDelivery, type Delivery } from '../../../src/delivery/engine.ts';
import { SimAuthors } from './sim-authors.ts';
import { SimDatabase } from './sim-database.ts';
import { SimDevice } from './sim-device.ts';
import { SimBus, SimNetwork } from './sim-network.ts';
import { SimSession } from './sim-session.ts';
import { SimStore, SimTraffic } from './sim-store.ts';

/** A world that is made and moved by one number. */
export interface SimOptions {
  readonly seed: number;
  readonly steps: number;
}

interface SimNode {
  readonly delivery: Delivery;
  readonly store: SimStore;
  readonly bus: SimBus;
  readonly sessions: Set<SimSession>;
}

const NO_FAULTS = { failedCommit: 0, unknownCommit: 0, failedRead: 0, unknownSettle: 0 };
const ROLES: readonly MemberRole[] = ['admin', 'member'];

/** Runs one world to its end, heals it, and returns what was wrong. */
export async function simulate({ seed, steps }: SimOptions): Promise<string[]> {
  const simulation = new Simulation(seed);
  for (let step = 0; step < steps; step += 1) await simulation.step();
  return simulation.finish();
}

/** Nodes with the real delivery over one simulated database, people who talk, and everything that goes wrong. */
class Simulation {
  readonly #random: SeededRandom;
  readonly #clock = new FakeClock();
  readonly #database: SimDatabase;
  readonly #traffic: SimTraffic;
  readonly #network: SimNetwork;
  readonly #authors: SimAuthors;
  readonly #devices: SimDevice[] = [];
  readonly #nodes: SimNode[] = [];
  readonly #complaints: string[] = [];
  /** Hints get lost, so heads have to be compared now and then. */
  #isLossy: boolean;
  #backup: ReturnType<SimDatabase['backup']> | undefined;

  constructor(seed: number) {
    const random = new SeededRandom(seed);
    this.#random = random;
    this.#database = new SimDatabase(() => random.tag());
    const faulty = { failedCommit: 0.05, unknownCommit: 0.2, failedRead: 0.05, unknownSettle: 0.2 };
    this.#traffic = new SimTraffic(this.#database, random, random.chance(0.5) ? faulty : NO_FAULTS);
    this.#traffic.pageRows = random.pick([2, 3, 5, 200]) as number;
    this.#isLossy = random.chance(0.5);
    this.#network = new SimNetwork(random, { lost: this.#isLossy ? 0.3 : 0, doubled: 0.2 });
    this.#authors = new SimAuthors(this.#database, random);
    this.#createPeople();
    for (let count = 1 + random.below(3); count > 0; count -= 1) this.#startNode();
  }

  async step(): Promise<void> {
    this.#act(this.#random.fraction());
    await setImmediate();
  }

  /** Heals everything, waits until nothing moves, and judges. */
  async finish(): Promise<string[]> {
    this.#traffic.faults = NO_FAULTS;
    for (const device of this.#devices) if (!this.#isOnline(device)) this.#open(device);
    await this.#comeToRest();
    const sessions = this.#sessions();
    const complaints = sessions.flatMap((session) => session.judgeRest());
    complaints.push(...this.#complaints, ...this.#authors.judgeRest());
    for (const session of sessions) this.#close(session);
    return [...complaints, ...(await this.#judgeLeaks())];
  }

  #createPeople(): void {
    for (let user = 1 as UserId; user <= 4; user = (user + 1) as UserId) {
      this.#database.createUser(user);
      this.#devices.push(new SimDevice(user), new SimDevice(user));
    }
    this.#database.createGroup(1 as UserId);
    this.#database.createGroup(2 as UserId);
    this.#database.openDirect(1 as UserId, 2 as UserId);
  }

  #startNode(): void {
    const bus = new SimBus(this.#network);
    const store = new SimStore(this.#traffic);
    const log = { warn: () => undefined, error: () => undefined };
    const delivery = createDelivery({ store: store.port, bus, clock: this.#clock, log });
    this.#nodes.push({ delivery, store, bus, sessions: new Set() });
  }

  #act(draw: number): void {
    if (draw < 0.5) this.#traffic.step();
    else if (draw < 0.62) this.#network.step();
    else if (draw < 0.74) this.#send();
    else if (draw < 0.82) this.#changeMembers();
    else if (draw < 0.88) this.#comeOrGo();
    else if (draw < 0.96) this.#drainOne();
    else if (draw < 0.985) this.#clock.advance(250);
    else this.#surprise();
  }

  #surprise(): void {
    const draw = this.#random.below(12);
    if (draw < 3) this.#lie();
    else if (draw < 6) this.#heal();
    else if (draw < 9) this.#meet();
    else if (draw < 10) this.#killNode();
    else if (draw < 11) this.#backup = this.#database.backup();
    else this.#restore();
  }

  #send(): void {
    const author = this.#anybody();
    const conversation = this.#random.pick(this.#conversationsOf(author));
    if (conversation !== undefined) this.#append(this.#authors.message(conversation, author));
    const again = this.#random.chance(0.2) ? this.#authors.again() : undefined;
    if (again !== undefined) this.#append(again);
  }

  #changeMembers(): void {
    const groups = this.#database.conversations.filter(({ kind }) => kind === 'group');
    const group = this.#random.pick(groups) as Conversation;
    const author = this.#anybody();
    const isMember = this.#database.membership(author, group.id)?.stays.at(-1)?.to === null;
    const kinds = isMember ? (['kick', 'kick', 'leave', 'role'] as const) : (['join'] as const);
    const kind = this.#random.pick(kinds) ?? 'join';
    const target = kind === 'kick' || kind === 'role' ? this.#anybody() : null;
    const role = kind === 'role' ? (this.#random.pick(ROLES) ?? null) : null;
    this.#append(this.#authors.membership(group, author, { kind, target, role }));
  }

  #append(request: AppendRequest): void {
    const node = this.#anyNode();
    const settled = this.#authors.sending(request);
    node.delivery.append(request, (result) => {
      settled(result);
      if (result.state === 'refused' || !this.#random.chance(0.3)) return;
      const conversation = this.#database.conversations.find(({ id }) => id === request.conversation) as Conversation;
      const devices = this.#devices.filter(({ user }) => user === request.author);
      this.#random.pick(devices)?.acknowledged(conversation, { seq: result.seq, tag: result.tag });
    });
  }

  #comeOrGo(): void {
    const device = this.#random.pick(this.#devices) as SimDevice;
    const session = this.#sessions().find(({ owner }) => owner === device);
    if (session === undefined) this.#open(device);
    else if (this.#random.chance(0.5)) this.#close(session);
  }

  #open(device: SimDevice): void {
    const node = this.#anyNode();
    // One node knows all that was acknowledged; of other nodes' entries it may learn later than its sessions do.
    const promisedHead = (id: ConversationId) => (this.#nodes.length === 1 ? this.#authors.acknowledgedHead(id) : 0);
    const session = new SimSession(device, { database: this.#database, room: this.#room(), promisedHead });
    node.sessions.add(session);
    session.start(node.delivery.open(session), device.plan(this.#random));
  }

  #close(session: SimSession): void {
    session.end(this.#got(session));
    this.#forget(session);
  }

  #forget(session: SimSession): void {
    this.#complaints.push(...session.complaints);
    for (const { sessions } of this.#nodes) sessions.delete(session);
  }

  #got({ handedOver }: SimSession): number {
    return this.#random.chance(0.5) ? handedOver : this.#random.below(handedOver + 1);
  }

  #drainOne(): void {
    const session = this.#random.pick(this.#sessions().filter(({ isFull }) => isFull));
    session?.drain(this.#room());
  }

  #room(): number {
    return this.#random.chance(0.5) ? 1_000 : 1 + this.#random.below(4);
  }

  /** A hint that is wrong: of a place far ahead, or bodies that follow something else. */
  #lie(): void {
    if (this.#nodes.length === 1) return;
    const { id } = this.#random.pick(this.#database.conversations) as Conversation;
    const seq = this.#random.below(2_000) as Seq;
    const some = this.#database.entries(id).slice(this.#random.below(5), this.#random.below(10));
    const entries = this.#random.chance(0.5) ? some : [];
    const tag = this.#random.tag();
    const prevTag = this.#random.tag();
    this.#anyNode().bus.hear({ kind: 'entries', conversation: id, prevTag, entries, seq, tag });
  }

  /** What the journal does on a real cluster: lost hints are made up for. */
  #heal(): void {
    if (!this.#isLossy) return;
    for (const { id } of this.#database.conversations) {
      const { seq, tag } = this.#database.head(id);
      this.#network.tell({ kind: 'entries', conversation: id, prevTag: 0 as Tag, entries: [], seq, tag });
    }
    this.#network.tell({ kind: 'users', users: this.#devices.map(({ user }) => user) });
  }

  /** A conversation that is new to all. */
  #meet(): void {
    const one = this.#anybody();
    const other = this.#anybody();
    if (this.#random.chance(0.5)) {
      this.#database.openDirect(one, other);
      this.#anyNode().delivery.changed([one, other]);
    } else if (this.#database.conversations.length < 12) {
      this.#database.createGroup(one);
      this.#anyNode().delivery.changed([one]);
    }
  }

  /** What it committed and told nobody is learnt like a lost hint. */
  #killNode(): void {
    this.#isLossy = true;
    const node = this.#anyNode();
    this.#nodes.splice(this.#nodes.indexOf(node), 1);
    this.#traffic.cut(node.store);
    void node.bus.close();
    for (const session of node.sessions) {
      session.cutOff(this.#got(session));
      this.#complaints.push(...session.complaints);
    }
    this.#startNode();
  }

  /** Everything stops, and comes back with a database of yesterday. */
  #restore(): void {
    if (this.#backup === undefined) return;
    for (const session of this.#sessions()) this.#close(session);
    for (let count = this.#nodes.length; count > 0; count -= 1) this.#killOldest();
    this.#database.restore(this.#backup);
    this.#authors.forget();
  }

  #killOldest(): void {
    const [node] = this.#nodes.splice(0, 1) as [SimNode];
    this.#traffic.cut(node.store);
    void node.bus.close();
    this.#startNode();
  }

  /** Nothing moves any more; what waits for time gets it, and lost hints are made up for. */
  async #comeToRest(): Promise<void> {
    for (let round = 0; round < 3; round += 1) {
      await this.#calmDown();
      this.#clock.advance(1_000);
      this.#heal();
      this.#network.tell({ kind: 'users', users: [...this.#traffic.heirs] });
    }
    await this.#calmDown();
  }

  async #calmDown(): Promise<void> {
    await setImmediate();
    for (let move = 0; this.#moveOn(); move += 1) {
      if (move > 10_000) {
        this.#complaints.push('it does not come to rest');
        return;
      }
      await setImmediate();
    }
  }

  #moveOn(): boolean {
    const isFull = this.#sessions().some((session) => session.isFull);
    if (this.#traffic.isIdle && this.#network.isIdle && !isFull) return false;
    this.#traffic.step();
    this.#network.step();
    this.#drainOne();
    this.#clock.advance(1);
    return true;
  }

  /** After all sessions ended no feed may be left: a notice makes a feed read, and nothing else does. */
  async #judgeLeaks(): Promise<string[]> {
    await this.#comeToRest();
    for (const { id } of this.#database.conversations) {
      const end = { seq: 9_999 as Seq, tag: 1 as Tag };
      this.#network.tell({ kind: 'entries', conversation: id, prevTag: 0 as Tag, entries: [], ...end });
    }
    await setImmediate();
    return this.#traffic.isIdle ? [] : ['a feed was left behind'];
  }

  #sessions(): SimSession[] {
    return this.#nodes.flatMap(({ sessions }) => [...sessions]).filter(({ isEnded }) => !isEnded);
  }

  #isOnline(device: SimDevice): boolean {
    return this.#sessions().some(({ owner }) => owner === device);
  }

  #anyNode(): SimNode {
    return this.#random.pick(this.#nodes) as SimNode;
  }

  #anybody(): UserId {
    return (this.#random.pick(this.#devices) as SimDevice).user;
  }

  /** Mostly those that he is in. */
  #conversationsOf(user: UserId): Conversation[] {
    if (this.#random.chance(0.1)) return this.#database.conversations;
    return this.#database.memberships(user).map(({ conversation }) => conversation);
  }
}
