import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chance } from '../../src/crowd/chance.ts';
import { Course } from '../../src/simulation/course.ts';
import { explore, exploreAll } from '../../src/simulation/explore.ts';
import type { Scope } from '../../src/simulation/scope.ts';
import { LARGE_SCOPES, SCOPES } from '../../src/simulation/scopes.ts';
import { doMeet, type Touches } from '../../src/simulation/touches.ts';

const MOST_STATES = 100_000;

/** Small enough to be tried without leaving any order out. */
const COMPARED = [
  'one message, and a lost hint',
  'one message, and an older copy of the store',
  'one message, and a cancel',
  'one message, and an ambiguous commit',
  'one message, and a freeze',
  'two conversations, two devices of one user',
  'two authors',
];

for (const name of COMPARED) {
  test(`leaving orders out misses no end: ${name}`, async (t) => {
    const scope = scopeOf(name);
    const few = await explore(scope, { mostStates: MOST_STATES });
    const all = await exploreAll(scope, { mostStates: MOST_STATES });
    t.diagnostic(`${few.states} of ${all.states} states, ${few.courses} courses, ${few.ends.size} ends`);
    assert.ok(few.isWhole && all.isWhole, 'not every course was seen');
    assert.deepEqual(few.ends, all.ends);
  });
}

const WALKED = [
  'one message, and a crash',
  'one message, and a kick',
  'a chain of two, and a cancel',
  'a chain of two, and a freeze',
  'two conversations, two devices of one user, and an ambiguous commit',
  'nothing, and a kick with rejoin',
  'two chains of two, and an older copy of the store',
];

for (const name of WALKED) {
  test(`steps that do not meet can change places: ${name}`, async (t) => {
    const scope = scopeOf(name);
    const chance = new Chance(17);
    const wrong = new Set<string>();
    let pairs = 0;
    for (let count = 0; count < 4; count += 1) {
      const walk = await walkThrough(scope, chance);
      for (let at = 1; at < walk.length; at += 1) {
        const [one, other] = [walk[at - 1], walk[at]] as [Walked, Walked];
        if (!one.possible.has(other.name) || doMeet(one.touches, other.touches)) continue;
        pairs += 1;
        const course = await repeat(scope, walk.slice(0, at - 1));
        const turned = { other: await course.take(other.name), one: await course.take(one.name) };
        if (course.hash() !== other.hash) wrong.add(`${one.name} and ${other.name} come to another state`);
        assert.deepEqual(turned, { other: other.touches, one: one.touches }, `${one.name} and ${other.name}`);
      }
    }
    t.diagnostic(`${pairs} pairs`);
    assert.ok(pairs > 0, 'no two steps were turned round');
    assert.deepEqual([...wrong], []);
  });
}

/** One step of a course by chance. */
interface Walked {
  readonly name: string;
  readonly possible: ReadonlySet<string>;
  readonly touches: Touches;
  /** Of the state after it. */
  readonly hash: number;
}

async function walkThrough(scope: Scope, chance: Chance): Promise<Walked[]> {
  const course = await repeat(scope, []);
  const walk: Walked[] = [];
  for (let names = namesOf(course); names.length > 0; names = namesOf(course)) {
    const name = chance.pick(names);
    const touches = await course.take(name);
    walk.push({ name, possible: new Set(names), touches, hash: course.hash() });
  }
  return walk;
}

async function repeat(scope: Scope, walk: readonly Walked[]): Promise<Course> {
  const course = new Course(scope, {});
  await course.begin();
  for (const { name } of walk) await course.take(name);
  return course;
}

function namesOf(course: Course): string[] {
  return [...course.choices.steps.keys()];
}

function scopeOf(name: string): Scope {
  const found = [...SCOPES, ...LARGE_SCOPES].find((scope) => scope.name === name);
  assert.ok(found, `there is no scope: ${name}`);
  return found;
}
