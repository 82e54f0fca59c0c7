import { fingerprint } from './fingerprint.ts';
import type { Act, Scope } from './scope.ts';
import type { StoreMistakes } from './sim-store.ts';
import { FaultBudget, SIM_FAULTS, type Step } from './step.ts';
import { add, EVERYWHERE, isMachine, type Touches, touchesOf, type Use } from './touches.ts';
import { turn } from './turn.ts';
import { World } from './world.ts';

/** What can happen next in a course. */
export interface Choices {
  /** Each under a name that stays its own until it has happened. */
  readonly steps: ReadonlyMap<string, Step>;
  /** Names of statements that wait for a lock. */
  readonly blocked: readonly string[];
  /** Nothing moves by itself any more: what is left is acts, faults, and time. */
  readonly isAtRest: boolean;
}

/** While a node is frozen and the others have come to rest, so much time passes at once, and so often at most. */
const WAIT_MS = 1_000;
const MOST_WAITS = 5;

const NOTHING_WRONG = 'nothing goes wrong';

/**
 * One course through a scope, from its beginning. A step here is one that was chosen, with all that follows from it at
 * once: see `#isAlone`.
 */
export class Course {
  readonly #scope: Scope;
  readonly world: World;
  readonly #left: Act[];
  /** What came to each machine, as a running fingerprint. */
  readonly #came = new Map<string, number>();
  /** How often a step of this label was taken. */
  readonly #taken = new Map<string, number>();
  readonly #frames = new WeakMap<object, number>();
  #waits = 0;
  #count = 0;
  #choices: Choices | undefined;

  constructor(scope: Scope, mistakes: StoreMistakes) {
    this.#scope = scope;
    this.world = new World({ ...scope.options, faults: new FaultBudget(scope.faults), mistakes });
    this.#left = [...scope.acts];
  }

  /** All devices are online and have everything; a copy of the database is made. */
  async begin(): Promise<void> {
    const { world } = this;
    await this.#calmDown();
    for (const device of world.devices) {
      const node = world.nodes[(this.#scope.nodeOf[device.name] ?? 1) - 1];
      if (node !== undefined) device.connect(node, 1_000);
    }
    await this.#calmDown();
    world.backUp();
    for (const act of this.#scope.first) act.run(world);
    await turn();
    this.#noteFrames(-1);
  }

  get choices(): Choices {
    this.#choices ??= this.#possible();
    return this.#choices;
  }

  /** Takes a step and all that is alone after it. Returns what they touched. */
  async take(name: string): Promise<Touches> {
    const chosen = this.#find(name);
    if (chosen === undefined) throw new Error(`a course went another way than before: ${name}`);
    this.#taken.set(chosen.label, (this.#taken.get(chosen.label) ?? 0) + 1);
    const touches = new Map<string, Use>();
    for (let step: Step | undefined = chosen; step !== undefined; step = this.#alone()) await this.#run(step, touches);
    this.#noteFrames(this.#count);
    this.#count += 1;
    this.#choices = undefined;
    return touches;
  }

  /** The number of the step that sent this frame; undefined: it is none, or it was there from the beginning. */
  senderOf({ frame }: Step): number | undefined {
    const sender = frame && this.#frames.get(frame);
    return sender === -1 ? undefined : sender;
  }

  /** Equal for courses that differ in nothing but the order of what does not meet. */
  hash(): number {
    const { database, network, recorder, time, faults, nodes } = this.world;
    const { epoch, logs, positions, journal, writers } = database.tables;
    const stored = [...logs.values()].map(({ entries, members }) => [entries, [...members]]);
    const rows = journal.toSorted((one, other) => one.writer - other.writer || one.n - other.n);
    const tables = [
      epoch,
      stored,
      [...positions].toSorted(([one], [other]) => (one < other ? -1 : 1)),
      rows,
      [...writers].toSorted((one, other) => one - other),
    ];
    const calm = [
      time.nowMs,
      faults.describe(),
      nodes.map(({ name, isOld }) => [name, isOld]),
      this.#left.map(({ label }) => label).toSorted(),
      this.#waits,
    ];
    const parts = [tables, database.describe(), network.describe(), recorder.describe(), calm];
    return fingerprint(JSON.stringify([...parts, [...this.#came].map(String).toSorted()]));
  }

  finish(): Promise<string[]> {
    return this.world.finish(([first]) => first as Step);
  }

  async #run(step: Step, touches: Map<string, Use>): Promise<void> {
    const before = this.#noted();
    const places = touchesOf(step, this.world);
    step.run();
    await turn();
    const after = this.#noted();
    if (after.begun > before.begun) add(places, [['calls', 'begin']]);
    if (after.ended > before.ended) add(places, [['calls', 'add']]);
    if (after.faults !== before.faults) add(places, [['faults', 'write']]);
    after.topics.forEach((topics, index) => {
      const place = `${index + 1} topics`;
      if (topics !== before.topics[index]) add(places, [[place, 'write']]);
      // Whoever publishes looks at what the others listen to.
      else if (after.published > before.published && !step.at?.startsWith(`n${index + 1}`))
        add(places, [[place, 'read']]);
    });
    const content = step.content === undefined ? '' : JSON.stringify(step.content);
    const told = (places.has(EVERYWHERE) ? [...this.#came.keys()] : [...places.keys()]).filter(isMachine);
    for (const at of told) this.#came.set(at, fingerprint(`${this.#came.get(at) ?? 0} ${step.label} ${content}`));
    add(touches, places);
  }

  /** What a step may change beside what its label tells. */
  #noted() {
    const { recorder, faults, nodes, network } = this.world;
    const topics = nodes.map(({ bus }) => String(bus.describe()));
    return { ...recorder.counts, published: network.published, faults: faults.describe(), topics };
  }

  #noteFrames(number: number): void {
    for (const { sessions } of this.world.nodes) {
      for (const { up, down } of sessions) {
        for (const frame of [...up, ...down]) if (!this.#frames.has(frame)) this.#frames.set(frame, number);
      }
    }
    // What a session that ended was sent before.
    for (const { session } of this.world.devices) {
      for (const frame of session?.down ?? []) if (!this.#frames.has(frame)) this.#frames.set(frame, number);
    }
  }

  /** Where a course is only repeated it does not matter what else could happen. */
  #find(name: string): Step | undefined {
    if (this.#choices !== undefined) return this.#choices.steps.get(name);
    return this.world.steps().find((step) => this.#nameOf(step) === name) ?? this.choices.steps.get(name);
  }

  #possible(): Choices {
    const { world } = this;
    const all = world.steps();
    const blocked = all.filter((step) => this.#waitsForLock(step));
    const byItself = all.filter((step) => !isFault(step) && !blocked.includes(step));
    const faults = [...all, ...world.nodeFaults(), ...world.deviceFaults(), ...world.storeFaults()].filter(isFault);
    const healing = world.nodeFaults().filter(({ kind }) => kind === 'heal');
    const starts = healing.filter(({ label }) => label.startsWith('start '));
    const isAtRest = byItself.length === 0 && starts.length === 0;
    const thaws = isAtRest ? this.#passing(healing) : [];
    const nothing: Step[] = SIM_FAULTS.some((fault) => world.faults.may(fault))
      ? [{ kind: 'fault', label: NOTHING_WRONG, run: () => world.faults.end() }]
      : [];
    const steps = [...byItself, ...starts, ...this.#acts(), ...thaws, ...faults, ...nothing];
    return { steps: this.#named(steps), blocked: [...this.#named(blocked).keys()], isAtRest };
  }

  #named(steps: readonly Step[]): Map<string, Step> {
    const named = new Map<string, Step>();
    for (const step of steps) {
      const name = this.#nameOf(step);
      if (named.has(name)) throw new Error(`two steps have one name: ${name}`);
      named.set(name, step);
    }
    return named;
  }

  #nameOf({ label }: Step): string {
    return `${label} #${this.#taken.get(label) ?? 0}`;
  }

  #passing(thaws: Step[]): Step[] {
    if (thaws.length === 0 || this.#waits >= MOST_WAITS) return thaws;
    const wait = () => {
      this.#waits += 1;
      // Whoever waits for a lock has begun to by now.
      for (const step of this.world.steps()) if (this.#waitsForLock(step)) step.run();
      this.world.passTime(WAIT_MS);
    };
    return [...thaws, { kind: 'timer', label: 'time passes', at: '*', run: wait }];
  }

  /** A statement that would only begin to wait for a lock comes when the lock is free, or when time passes. */
  #waitsForLock({ kind, label }: Step): boolean {
    if (kind !== 'store') return false;
    const [, link, ids] = /^(\S+) lock ([\d,]+)/.exec(label) ?? [];
    if (ids === undefined) return false;
    const others = [...this.world.database.links].filter(({ host, name }) => `${host.name}.${name}` !== link);
    return ids.split(',').some((id) => others.some(({ locks }) => locks.has(Number(id) as never)));
  }

  #alone(): Step | undefined {
    return this.world.steps().find((step) => this.#isAlone(step)) ?? this.#reconnect();
  }

  /**
   * Whether it happens at once. What a lane does between a lock that it was granted and its COMMIT: nobody else can
   * change what it reads there; but a node that may be frozen can stop before it sends COMMIT. The rest is left to
   * chance (random-run.ts): when a timer runs, and what meets the reads of the journal and of private state.
   */
  #isAlone({ kind, label }: Step): boolean {
    if (kind === 'timer' || /\.(journal|read (< )?positions)/.test(label)) return true;
    if (/\.(main|aside) (< lock|read$|look up$)/.test(label)) return true;
    if (/\.read (< )?(state|memberships) /.test(label)) return true;
    return this.#scope.faults.freeze === undefined && /\.(main|aside) < read$/.test(label);
  }

  #acts(): Step[] {
    const possible = this.#left.filter((act) => act.isPossible?.(this.world) !== false);
    return possible.map((act): Step => {
      const run = () => {
        this.#left.splice(this.#left.indexOf(act), 1);
        act.run(this.world);
      };
      return { kind: 'act', label: act.label, at: act.at, run };
    });
  }

  /** Whoever is offline comes back at once, to the first node that takes him. */
  #reconnect(): Step | undefined {
    const [node] = this.world.ready;
    const device = this.world.devices.find(({ session }) => session === undefined);
    if (node === undefined || device === undefined) return undefined;
    const label = `${device.name} connects to ${node.name}`;
    return { kind: 'act', label, at: device.name, run: () => device.connect(node, 1_000) };
  }

  async #calmDown(): Promise<void> {
    for (;;) {
      await turn();
      const [step] = this.world.steps();
      if (step === undefined) return;
      step.run();
    }
  }
}

function isFault({ kind, label }: Step): boolean {
  return kind === 'fault' || (kind === 'hint' && /(lost|doubled)$/.test(label));
}
