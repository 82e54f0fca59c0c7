import type { StoreMistakes } from './sim-store.ts';
import { FaultBudget, type SimFault, type Step } from './step.ts';
import { turn } from './turn.ts';
import { World, type WorldOptions } from './world.ts';

/** Something that a device does once, at any time at which it can. */
export interface Act {
  /** The device. */
  readonly at: string;
  readonly label: string;
  isPossible?(world: World): boolean;
  run(world: World): void;
}

/** A small world whose every course is tried. */
export interface Scope {
  readonly name: string;
  readonly options: Omit<WorldOptions, 'faults' | 'mistakes'>;
  /** Number of the node to which a device connects first, by the device's name. */
  readonly nodeOf: Readonly<Record<string, number>>;
  /** Done before anything else, in this order. */
  readonly first: readonly Act[];
  readonly acts: readonly Act[];
  /** What may go wrong, and how often. */
  readonly faults: Partial<Record<SimFault, number>>;
  /** It is too large to be seen whole in every test run: so many states then. */
  readonly testStates?: number;
}

/** What came of it. */
export interface Exploration {
  /** Different states that were seen. */
  readonly states: number;
  /** Courses that were followed to their end, healed and judged. */
  readonly ends: number;
  /** Every state was seen; false: the limit was reached before. */
  readonly isWhole: boolean;
  /** The first course that breaks a rule. */
  readonly broken: { readonly course: readonly string[]; readonly complaints: readonly string[] } | undefined;
}

/** How far to go, and which mistakes the store makes. */
export interface ExploreOptions {
  readonly mostStates: number;
  readonly mistakes?: StoreMistakes | undefined;
}

/** While a node is frozen and the others have come to rest, so much time passes at once, and so often at most. */
const WAIT_MS = 1_000;
const MOST_WAITS = 5;

/**
 * Tries every order of everything that can happen in a scope. Two courses that lead to the same state are followed on
 * only once. A node's or device's state is taken to be all that ever came to it, in its order: machines are functions of
 * that. So no state is taken for another, but some are counted twice.
 */
export async function explore(scope: Scope, { mostStates, mistakes = {} }: ExploreOptions): Promise<Exploration> {
  const seen = new Set<number>();
  const open: number[][] = [[]];
  let ends = 0;
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const course = new Course(scope, mistakes);
    await course.begin();
    for (const choice of path) await course.take(choice);
    for (;;) {
      const hash = course.hash();
      if (seen.has(hash)) break;
      seen.add(hash);
      const { count } = course;
      if (count === 0) {
        ends += 1;
        const complaints = await course.finish();
        if (complaints.length > 0) {
          return { states: seen.size, ends, isWhole: false, broken: { course: course.labels, complaints } };
        }
        break;
      }
      for (let choice = count - 1; choice > 0; choice -= 1) open.push([...course.choices, choice]);
      await course.take(0);
    }
    if (seen.size >= mostStates) return { states: seen.size, ends, isWhole: open.length === 0, broken: undefined };
  }
  return { states: seen.size, ends, isWhole: true, broken: undefined };
}

/** One course through a scope, from its beginning. */
class Course {
  readonly labels: string[] = [];
  readonly choices: number[] = [];
  readonly #scope: Scope;
  readonly #world: World;
  readonly #left: Act[];
  /** What came to each node and device, as a running fingerprint. */
  readonly #came = new Map<string, number>();
  #waits = 0;
  #steps: Step[] = [];

  constructor(scope: Scope, mistakes: StoreMistakes) {
    this.#scope = scope;
    this.#world = new World({ ...scope.options, faults: new FaultBudget(scope.faults), mistakes });
    this.#left = [...scope.acts];
  }

  /** All devices are online and have everything; a copy of the database is made. */
  async begin(): Promise<void> {
    const world = this.#world;
    await this.#calmDown();
    for (const device of world.devices) {
      const node = world.nodes[(this.#scope.nodeOf[device.name] ?? 1) - 1];
      if (node !== undefined) device.connect(node, 1_000);
    }
    await this.#calmDown();
    world.backUp();
    for (const act of this.#scope.first) act.run(world);
    await turn();
    this.#steps = this.#enabled();
  }

  get count(): number {
    return this.#steps.length;
  }

  async take(choice: number): Promise<void> {
    const step = this.#steps[choice];
    if (step === undefined) throw new Error('a course went another way than before');
    this.choices.push(choice);
    this.labels.push(step.label);
    const content = step.content === undefined ? '' : JSON.stringify(step.content);
    const places = placesOf(step, this.#came);
    for (const at of places) this.#came.set(at, fingerprint(`${this.#came.get(at) ?? 0} ${step.label} ${content}`));
    step.run();
    await turn();
    this.#steps = this.#enabled();
  }

  hash(): number {
    const { database, network, recorder, time, faults, nodes } = this.#world;
    const { epoch, logs, positions, journal, writers } = database.tables;
    const stored = [...logs.values()].map(({ entries, members }) => [entries, [...members]]);
    const rows = journal.toSorted((one, other) => one.writer - other.writer || one.n - other.n);
    const tables = [epoch, stored, [...positions], rows, [...writers].toSorted((one, other) => one - other)];
    const calm = [
      time.nowMs,
      faults.describe(),
      nodes.map(({ name, isOld }) => [name, isOld]),
      this.#left.map(({ label }) => label),
    ];
    const parts = [tables, database.describe(), network.describe(), recorder.describe(), calm];
    return fingerprint(JSON.stringify([...parts, [...this.#came].map(String).toSorted()]));
  }

  finish(): Promise<string[]> {
    return this.#world.finish(([first]) => first as Step);
  }

  #enabled(): Step[] {
    const world = this.#world;
    const byItself = world.steps();
    const next = byItself.find((step) => this.#isAlone(step)) ?? this.#reconnect();
    if (next !== undefined) return [next];
    const acts = this.#acts();
    // Faults when nothing is under way meet nothing that could be lost.
    if (byItself.length > 0) {
      const faults = [...world.nodeFaults(), ...world.deviceFaults(), ...world.storeFaults()];
      return [...byItself, ...acts, ...faults.filter(({ kind }) => kind === 'fault')];
    }
    const thaws = world.nodeFaults().filter(({ label }) => label.startsWith('thaw '));
    if (thaws.length === 0 || this.#waits >= MOST_WAITS) return [...acts, ...thaws];
    const wait = () => {
      this.#waits += 1;
      world.passTime(WAIT_MS);
    };
    return [...acts, ...thaws, { kind: 'timer', label: 'time passes', at: '*', run: wait }];
  }

  /**
   * Whether it does not matter when it happens, so that it may happen now: what a device takes from its own queue, and
   * what a lane does between a lock that it was granted and its COMMIT, for nobody else can change what it reads there.
   * A node that may be frozen can stop before it sends COMMIT.
   */
  #isAlone({ kind, label }: Step): boolean {
    if (kind === 'down') return true;
    // Left to chance (random-run.ts): when a timer runs, and what meets the reads of the journal that follow.
    if (kind === 'timer' || /\.(journal|read (< )?positions)/.test(label)) return true;
    if (/\.(main|aside) (< lock|read$|look up$)/.test(label)) return true;
    // Left to chance as well: what meets the reads of private state. Those of stays are tried at any time.
    if (/\.read (< )?(state|memberships) /.test(label)) return true;
    return this.#scope.faults.freeze === undefined && /\.(main|aside) < read$/.test(label);
  }

  #acts(): Step[] {
    const world = this.#world;
    const possible = this.#left.filter((act) => act.isPossible?.(world) !== false);
    return possible.map((act): Step => {
      const run = () => {
        this.#left.splice(this.#left.indexOf(act), 1);
        act.run(world);
      };
      return { kind: 'act', label: act.label, at: act.at, run };
    });
  }

  /** Whoever is offline comes back at once, to the first node that takes him. */
  #reconnect(): Step | undefined {
    const [node] = this.#world.ready;
    const device = this.#world.devices.find(({ session }) => session === undefined);
    if (node === undefined || device === undefined) return undefined;
    const label = `${device.name} connects to ${node.name}`;
    return { kind: 'act', label, at: device.name, run: () => device.connect(node, 1_000) };
  }

  async #calmDown(): Promise<void> {
    for (;;) {
      await turn();
      const [step] = this.#world.steps();
      if (step === undefined) return;
      step.run();
    }
  }
}

/**
 * Where it leaves a trace. A node counts as two: what appends only reaches its log, and what tells of others only its
 * feeds and sessions, so that their order does not matter; commits reach both.
 */
function placesOf({ at, kind, label }: Step, known: ReadonlyMap<string, unknown>): readonly string[] {
  if (at === undefined) return [];
  if (at === '*') return [...known.keys()];
  if (!at.startsWith('n')) return [at];
  const isAppend = kind === 'up' && /(message|cancel|kick|join|leave) \S+$/.test(label);
  const isTold = kind === 'hint' || kind === 'subscribe' || (kind === 'answer' && label.includes('.read '));
  if (isAppend) return [`${at} log`];
  return isTold ? [`${at} feeds`] : [`${at} log`, `${at} feeds`];
}

/** 53 bits: among a million states two are taken for one with a probability of one in 20,000. */
function fingerprint(text: string): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 2_654_435_761);
    low = Math.imul(low ^ unit, 1_597_334_677);
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return 4_294_967_296 * (0x1fffff & low) + (high >>> 0);
}
