import { Course } from './course.ts';
import { fingerprint } from './fingerprint.ts';
import { follow, inOrder, type Race, type Taken } from './races.ts';
import type { Scope } from './scope.ts';
import type { StoreMistakes } from './sim-store.ts';
import { doMeet, type Touches } from './touches.ts';

/** What came of it. */
export interface Exploration {
  /** Different states that were seen. */
  readonly states: number;
  /** Courses that were followed to their end. */
  readonly courses: number;
  /** Courses that were followed to where all that could come next had been tried. */
  readonly cut: number;
  /** Different states at which nothing could happen any more, each healed and judged. */
  readonly ends: ReadonlySet<number>;
  /** Every course was tried; false: the limit was reached before. */
  readonly isWhole: boolean;
  /** The first course that breaks a rule. */
  readonly broken: { readonly course: readonly string[]; readonly complaints: readonly string[] } | undefined;
}

/** How far to go, and which mistakes the store makes. */
export interface ExploreOptions {
  readonly mostStates: number;
  readonly mistakes?: StoreMistakes | undefined;
}

/** A state on the way, and what was and is to be tried from there. */
interface Point {
  readonly possible: readonly string[];
  /** The number of the step that made it possible, or that asked for a lock which it waits for. */
  readonly makers: ReadonlyMap<string, number>;
  /** What was tried before from an earlier state and meets nothing since: what begins with it was seen. */
  readonly asleep: Map<string, Touches>;
  /** What is to be tried, each with what is to follow it as long as it can. */
  readonly wanted: Map<string, readonly string[]>;
  readonly tried: Set<string>;
}

/**
 * Tries every course of a scope, one for each set of courses that differ only in the order of steps that do not meet
 * (touches.ts).
 */
export async function explore(scope: Scope, options: ExploreOptions): Promise<Exploration> {
  return await new Explorer(scope, options).run();
}

class Explorer {
  readonly #scope: Scope;
  readonly #options: ExploreOptions;
  readonly #points: Point[] = [];
  readonly #taken: Taken[] = [];
  readonly #states = new Set<number>();
  readonly #ends = new Set<number>();
  #courses = 0;
  #cut = 0;
  #broken: Exploration['broken'];

  constructor(scope: Scope, options: ExploreOptions) {
    this.#scope = scope;
    this.#options = options;
  }

  async run(): Promise<Exploration> {
    for (let next: string | undefined = ''; next !== undefined; next = this.#next()) {
      await this.#follow(next);
      const isEnough = this.#states.size >= this.#options.mostStates;
      if (this.#broken !== undefined || isEnough) return this.#result(false);
    }
    return this.#result(true);
  }

  #result(isWhole: boolean): Exploration {
    const counts = { states: this.#states.size, courses: this.#courses, cut: this.#cut };
    return { ...counts, ends: this.#ends, isWhole, broken: this.#broken };
  }

  /** Goes back to the last state from which something is still to be tried. */
  #next(): string | undefined {
    for (let point = this.#points.at(-1); point !== undefined; point = this.#points.at(-1)) {
      const last = this.#taken.length === this.#points.length ? this.#taken.pop() : undefined;
      if (last !== undefined) point.asleep.set(last.name, last.touches);
      for (const name of point.wanted.keys()) if (!point.tried.has(name) && !point.asleep.has(name)) return name;
      this.#points.pop();
    }
    return undefined;
  }

  async #follow(first: string): Promise<void> {
    const course = new Course(this.#scope, this.#options.mistakes ?? {});
    await course.begin();
    for (const { name } of this.#taken) await course.take(name);
    if (this.#points.length === 0) this.#arrive(course);
    const plan = [...(this.#points.at(-1)?.wanted.get(first) ?? [])];
    for (let next = first || this.#choose(); next !== undefined; next = this.#planned(plan) ?? this.#choose()) {
      await this.#take(course, next);
    }
    if (course.choices.steps.size > 0) this.#cut += 1;
    else await this.#judge(course);
  }

  async #take(course: Course, name: string): Promise<void> {
    const point = this.#points.at(-1) as Point;
    point.tried.add(name);
    const sender = course.senderOf(course.choices.steps.get(name) as never);
    const maker = point.makers.get(name);
    const makers = [sender, maker].filter((number) => number !== undefined && number >= 0) as number[];
    const touches = await course.take(name);
    const { step, races } = follow(this.#taken, { name, touches, makers });
    for (const { earlier, ...race } of races) this.#want(this.#points[earlier] as Point, race);
    this.#taken.push(step);
    this.#arrive(course);
    // What it made impossible could have come before it.
    const { steps } = course.choices;
    for (const other of point.possible) if (other !== name && !steps.has(other)) want(point, other);
  }

  #arrive(course: Course): void {
    const { steps, blocked, isAtRest } = course.choices;
    this.#states.add(fingerprint(inOrder(this.#taken.map(({ hash }) => hash))));
    const before = this.#points.at(-1);
    const last = this.#taken.at(-1);
    const possible = [...steps.keys()];
    const here = this.#taken.length - 1;
    const makers = new Map([...possible, ...blocked].map((name) => [name, before?.makers.get(name) ?? here]));
    const asleep = [...(before?.asleep ?? [])].filter(
      ([name, touches]) => steps.has(name) && last !== undefined && !doMeet(touches, last.touches),
    );
    // What waits for rest could come before whatever else is possible now.
    const wanted = isAtRest ? possible : [];
    const plans = new Map(wanted.map((name) => [name, []]));
    this.#points.push({ possible, makers, asleep: new Map(asleep), wanted: plans, tried: new Set() });
  }

  /** The first that is not asleep; faults and acts wait for rest, unless a race wants them earlier. */
  #choose(): string | undefined {
    const point = this.#points.at(-1) as Point;
    const next = point.possible.find((name) => !point.asleep.has(name));
    if (next !== undefined) want(point, next);
    return next;
  }

  /** The rest of what shows that the later of two steps can come first: else most courses would end where all was tried. */
  #planned(plan: string[]): string | undefined {
    const point = this.#points.at(-1) as Point;
    for (let next = plan.shift(); next !== undefined; next = plan.shift()) {
      if (!point.possible.includes(next) || point.asleep.has(next)) continue;
      want(point, next);
      return next;
    }
    return undefined;
  }

  #want(point: Point, { beginnings, others }: Omit<Race, 'earlier'>): void {
    const isThere = (name: string) => point.wanted.has(name) || point.asleep.has(name);
    if (beginnings.some(isThere)) return;
    const next = beginnings.find((name) => point.possible.includes(name));
    if (next !== undefined)
      want(
        point,
        next,
        others.filter((name) => name !== next),
      );
    else for (const name of point.possible) want(point, name);
  }

  async #judge(course: Course): Promise<void> {
    this.#courses += 1;
    const hash = course.hash();
    if (this.#ends.has(hash)) return;
    this.#ends.add(hash);
    const complaints = await course.finish();
    if (complaints.length > 0) this.#broken = { course: this.#taken.map(({ name }) => name), complaints };
  }
}

function want({ wanted }: Point, name: string, plan: readonly string[] = []): void {
  if (!wanted.has(name)) wanted.set(name, plan);
}

/**
 * The same without leaving any order out: only courses that lead to the same state are followed on only once. For tests,
 * which compare.
 */
export async function exploreAll(scope: Scope, { mostStates, mistakes = {} }: ExploreOptions): Promise<Exploration> {
  const seen = new Set<number>();
  const ends = new Set<number>();
  const open: string[][] = [[]];
  let courses = 0;
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const course = new Course(scope, mistakes);
    courses += 1;
    await course.begin();
    for (const name of path) await course.take(name);
    const taken = [...path];
    for (;;) {
      const hash = course.hash();
      if (seen.has(hash)) break;
      seen.add(hash);
      const [first, ...others] = course.choices.steps.keys();
      if (first === undefined) {
        ends.add(hash);
        const complaints = await course.finish();
        if (complaints.length === 0) break;
        return { states: seen.size, courses, cut: 0, ends, isWhole: false, broken: { course: taken, complaints } };
      }
      for (const other of others) open.push([...taken, other]);
      await course.take(first);
      taken.push(first);
    }
    if (seen.size >= mostStates)
      return { states: seen.size, courses, cut: 0, ends, isWhole: open.length === 0, broken: undefined };
  }
  return { states: seen.size, courses, cut: 0, ends, isWhole: true, broken: undefined };
}
