import type { SyncMode, UserId } from '@parley/protocol';
import type { Conversation } from '@parley/server/ports';
import { Chance } from '../crowd/chance.ts';
import type { DeviceWants } from './device-wants.ts';
import type { SimDevice } from './sim-device.ts';
import type { StoreMistakes } from './sim-store.ts';
import { FaultBudget, SIM_FAULTS, type SimFault, type Step, type StepKind } from './step.ts';
import { turn } from './turn.ts';
import { World } from './world.ts';

/** One world, moved by one number. */
export interface RandomRun {
  readonly seed: number;
  readonly steps: number;
  readonly mistakes?: StoreMistakes | undefined;
  /** Told each step, for whoever wants to see how it came. */
  readonly onStep?: ((label: string) => void) | undefined;
}

/** What is drawn, by weight. `time`: some milliseconds pass. */
const WEIGHTS: Readonly<Record<StepKind | 'time', number>> = {
  store: 30,
  answer: 30,
  hint: 12,
  subscribe: 6,
  timer: 12,
  up: 16,
  down: 16,
  act: 14,
  time: 6,
  fault: 3,
  heal: 2,
};

/** In restless worlds the answers to one of these take so long that much happens meanwhile. */
const LATE_READS = ['membership', 'page', 'state'];
/** How often one of them may come, of all draws. */
const LATE_CHANCE = 0.002;

/** What somebody does, by weight; all are 100. */
type ActName = 'say' | 'look' | 'state' | 'members' | 'cancel' | 'repeat' | 'read' | 'leave';
type Habits = Readonly<Record<ActName, number>>;

/** Most talk. In restless worlds people come and go, in groups as on the wire, so that stays are short and many. */
const TALKING: Habits = { say: 54, look: 3, state: 5, members: 10, cancel: 6, repeat: 8, read: 8, leave: 6 };
const RESTLESS: Habits = { say: 36, look: 3, state: 3, members: 36, cancel: 2, repeat: 3, read: 3, leave: 14 };

/** How much time passes at once. In slow worlds frozen nodes lose their locks, and others give up waiting for them. */
const QUICK_MS = [1, 5, 20, 20, 50, 100, 250];
const SLOW_MS = [20, 100, 500];

/** Some seeds have each fault often, some rarely, some never, so that rare meetings are not drowned by common ones. */
const BUDGETS = [0, 0, 1, 3, 1_000];

/** Runs one world by chance, heals it, and returns what was wrong, a line for each violation, the rule first. */
export async function runRandom({ seed, steps, mistakes = {}, onStep }: RandomRun): Promise<string[]> {
  const run = new Randomly(seed, mistakes);
  for (let count = 0; count < steps; count += 1) {
    const step = run.draw();
    onStep?.(step.label);
    step.run();
    await turn();
  }
  return run.finish(onStep);
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

class Randomly {
  readonly #chance: Chance;
  readonly #world: World;

  /** Every fifth. */
  readonly #isSlow: boolean;
  /** Every fourth is restless; what comes late there. */
  readonly #late: string | undefined;
  #texts = 0;

  constructor(seed: number, mistakes: StoreMistakes) {
    const chance = new Chance(seed);
    this.#isSlow = seed % 5 === 0;
    this.#late = seed % 4 === 1 ? chance.pick(LATE_READS) : undefined;
    this.#chance = chance;
    const left = SIM_FAULTS.map((fault): [SimFault, number] => [fault, chance.pick(BUDGETS)]);
    const faults = new FaultBudget({ ...Object.fromEntries(left), restore: chance.happens(0.2) ? 1 : 0 });
    const groups = chance.happens(0.5)
      ? [[1, 2, 3]]
      : [
          [1, 2, 3],
          [2, 1],
        ];
    const pairs = [[1, 2] as const];
    const devices = [2, chance.happens(0.5) ? 2 : 1, 1];
    const wants = chance.happens(0.5) ? undefined : devices.flatMap((count) => range(count).map(() => this.#wants()));
    const [hasTokens, keepsOutage] = [chance.happens(0.3), chance.happens(0.3)];
    const nodes = chance.happens(0.7) ? 2 : 3;
    this.#world = new World({ nodes, devices, groups, pairs, faults, mistakes, wants, hasTokens, keepsOutage });
    this.#hasTokens = hasTokens;
  }

  readonly #hasTokens: boolean;

  #wants(): DeviceWants {
    const chance = this.#chance;
    const mode = (): SyncMode => (chance.happens(0.4) ? { mode: 'full' } : { mode: 'lazy', last: chance.below(4) });
    return { from: chance.happens(0.15) ? 'account' : 'device', byDefault: mode(), missed: mode() };
  }

  /** Something that can happen now. */
  draw(): Step {
    const steps = Map.groupBy(this.#steps(), ({ kind }) => kind);
    const kinds = [...steps.keys()];
    const passing = WEIGHTS.time;
    const weights = this.#isSlow ? { ...WEIGHTS, heal: 0.3 } : WEIGHTS;
    let dice = this.#chance.next() * kinds.reduce((sum, kind) => sum + weights[kind], passing);
    for (const kind of kinds) {
      dice -= weights[kind];
      if (dice < 0) return this.#chance.pick(steps.get(kind) as Step[]);
    }
    const ms = this.#chance.pick(this.#isSlow ? SLOW_MS : QUICK_MS);
    return { kind: 'timer', label: `${ms} ms pass`, run: () => this.#world.passTime(ms) };
  }

  finish(onStep: RandomRun['onStep']): Promise<string[]> {
    return this.#world.finish((steps) => {
      const step = this.#chance.pick(steps);
      onStep?.(step.label);
      return step;
    });
  }

  #steps(): Step[] {
    const world = this.#world;
    const act: Step = { kind: 'act', label: 'somebody acts', run: () => this.#act() };
    const faults = [...world.nodeFaults(), ...world.deviceFaults(), ...world.storeFaults(), ...world.busFaults()];
    const backUp: Step = { kind: 'fault', label: 'a copy is made', run: () => world.backUp() };
    const lie: Step = { kind: 'fault', label: 'a hint lies', run: () => this.#lie() };
    const lies = world.faults.may('lie') ? [lie] : [];
    const claim: Step = { kind: 'fault', label: 'a device lies', run: () => this.#claim() };
    if (world.faults.may('falseCursor')) lies.push(claim);
    return [...this.#inTime(world.steps()), act, ...faults, ...(world.hasBackup ? [] : [backUp]), ...lies];
  }

  #inTime(steps: Step[]): Step[] {
    if (this.#late === undefined || this.#chance.happens(LATE_CHANCE)) return steps;
    return steps.filter(({ kind, label }) => kind !== 'answer' || !label.includes(` < ${this.#late} `));
  }

  #act(): void {
    const device = this.#chance.pick(this.#world.devices);
    if (device.isOver) return;
    const [node] = this.#chance.shuffle(this.#world.ready);
    if (device.session === undefined) {
      if (device.comesBackAtMs > this.#world.time.nowMs) return;
      if (node !== undefined) device.connect(node, this.#chance.happens(0.5) ? 1_000 : 1 + this.#chance.below(4));
      return;
    }
    const conversation = this.#chance.pick(this.#world.conversations);
    this.#texts += 1;
    switch (this.#drawAct()) {
      case 'say':
        device.say(conversation, `text ${this.#texts}`);
        break;
      case 'look':
        if (device.hasHoles) device.page();
        else device.look(conversation);
        break;
      case 'state':
        this.#changeState(device);
        break;
      case 'members':
        this.#changeMembers(device, conversation);
        break;
      case 'cancel':
        this.#cancel(device);
        break;
      case 'repeat':
        this.#repeat(device);
        break;
      case 'read':
        device.read(conversation);
        break;
      case 'leave':
        device.disconnect(false);
        break;
    }
  }

  #drawAct(): ActName {
    const habits = Object.entries(this.#late === undefined ? TALKING : RESTLESS) as [ActName, number][];
    let dice = this.#chance.below(100);
    return habits.find(([, weight]) => (dice -= weight) < 0)?.[0] ?? 'say';
  }

  #changeMembers(device: SimDevice, conversation: Conversation): void {
    if (conversation.kind !== 'group') return;
    const member = this.#world.database.tables.logs.get(conversation.id)?.members.get(device.user);
    if (member?.stays.at(-1)?.to !== null) device.change(conversation, 'join', null);
    else if (this.#chance.happens(0.25)) device.change(conversation, 'leave', null);
    else {
      const { user } = this.#chance.pick(this.#world.devices);
      if (this.#chance.happens(this.#late === undefined ? 0.4 : 0.8)) device.change(conversation, 'kick', user);
      else device.promote(conversation, user, this.#chance.happens(0.75) ? 'admin' : 'member');
    }
  }

  /** Blocks, new conversations, revoked devices. */
  #changeState(device: SimDevice): void {
    const chance = this.#chance;
    const other = chance.pick(this.#world.devices);
    const [low, high] = [device.user, other.user].toSorted((one, two) => one - two);
    const dice = chance.below(10);
    if (dice < 6) device.block((device.user === 1 ? 2 : 1) as UserId, chance.happens(0.6));
    else if (dice < 8 && low !== high) device.say({ address: `d${low}-${high}` }, `text ${this.#texts}`);
    else if (dice < 9 && this.#world.conversations.length < 6) device.createGroup();
    else if (this.#hasTokens && low === high && other !== device) device.revoke(other.id);
  }

  #cancel(device: SimDevice): void {
    const { underWay } = device;
    if (underWay.length === 0) return;
    const { to, clientId } = this.#chance.pick(underWay);
    const conversation = this.#world.conversations.find(({ address }) => address === to);
    if (conversation !== undefined) device.cancel(conversation, clientId);
  }

  #repeat(device: SimDevice): void {
    if (device.acknowledged.length === 0) return;
    const { conversation, clientId, text } = this.#chance.pick(device.acknowledged);
    device.repeat(conversation, clientId, this.#chance.happens(0.7) ? text : 'another text');
  }

  /** A device names a place that no server told it. */
  #claim(): void {
    this.#world.faults.take('falseCursor');
    const device = this.#chance.pick(this.#world.devices);
    const { conversation, entries } = this.#chance.pick([...this.#world.database.tables.logs.values()]);
    device.lie(conversation, {
      seq: this.#chance.below(entries.length + 4),
      tag: 1 + this.#chance.below(4_294_967_295),
    });
  }

  /** A hint that nobody sent: of a place far ahead, or with bodies that follow something else. */
  #lie(): void {
    this.#world.faults.take('lie');
    const node = this.#chance.pick(this.#world.nodes);
    const { tables } = this.#world.database;
    const { conversation, entries } = this.#chance.pick([...tables.logs.values()]);
    const tag = () => (1 + this.#chance.below(4_294_967_295)) as never;
    const last = entries.at(-1);
    const seq = (entries.length + 1 + this.#chance.below(2)) as never;
    const made = last === undefined ? [] : [{ ...last, seq, tag: tag(), author: 1 as UserId, text: 'a lie' }];
    const bodies = this.#chance.happens(0.5) ? made : [];
    const end = bodies[0] ?? { seq, tag: tag() };
    const where = { conversation: conversation.id, seq: end.seq, tag: end.tag };
    this.#world.network.send(node.bus, { kind: 'entries', ...where, prevTag: tag(), entries: bodies });
  }
}
