import { fingerprint } from './fingerprint.ts';
import { doMeet, isRelease, type Touches } from './touches.ts';

/** A step that was taken, and what came before it for a reason. */
export interface Taken {
  readonly name: string;
  readonly touches: Touches;
  /** Numbers of the steps that must come before it, as bits: it meets them, or they made it possible, or so on from there. */
  readonly before: bigint;
  /** Of it and of all that must come before it: the same in whatever order the rest came. */
  readonly hash: number;
}

/** Two steps, of which the later could have come before the earlier. */
export interface Race {
  /** Number of the earlier. */
  readonly earlier: number;
  /** Names of those steps with which a course could begin there that has the later one before the earlier. */
  readonly beginnings: readonly string[];
  /** All names of such a course, in an order that is possible. */
  readonly others: readonly string[];
}

/** The step after `taken`, with the races between it and them. `makers`: the numbers of those that made it possible. */
export function follow(
  taken: readonly Taken[],
  { name, touches, makers }: { name: string; touches: Touches; makers: readonly number[] },
): { readonly step: Taken; readonly races: readonly Race[] } {
  let before = 0n;
  let released = 0n;
  const rivals: number[] = [];
  for (let number = taken.length - 1; number >= 0; number -= 1) {
    const earlier = taken[number] as Taken;
    const isMaker = makers.includes(number);
    if (!isMaker && (has(before, number) || !doMeet(earlier.touches, touches))) continue;
    if (!isMaker && isRelease(earlier.touches, touches)) {
      // Not before that, but perhaps before the step that took the lock, which is found further on.
      released |= earlier.before | bit(number);
      continue;
    }
    // Nothing between them explains why they are in this order: so they could be in the other.
    if (!isMaker) rivals.push(number);
    before |= earlier.before | bit(number);
  }
  before |= released;
  const reasons = taken.filter((_step, number) => has(before, number)).map(({ hash }) => hash);
  const step: Taken = { name, touches, before, hash: fingerprint(`${name} ${inOrder(reasons)}`) };
  return { step, races: rivals.map((earlier) => raceWith(earlier, [...taken, step])) };
}

/** Whatever the order in which they came. */
export function inOrder(hashes: readonly number[]): string {
  return hashes.toSorted((one, other) => one - other).join(' ');
}

/** The steps after `earlier` that do not need it, up to the last; of them `beginnings` need none of the others. */
function raceWith(earlier: number, taken: readonly Taken[]): Race {
  const beginnings: string[] = [];
  const others: string[] = [];
  let kept = 0n;
  for (let number = earlier + 1; number < taken.length; number += 1) {
    const { name, before } = taken[number] as Taken;
    // The last needs it only because of the order that is to be turned round.
    if (has(before, earlier) && number < taken.length - 1) continue;
    if ((before & kept) === 0n) beginnings.push(name);
    others.push(name);
    kept |= bit(number);
  }
  return { earlier, beginnings, others };
}

function bit(number: number): bigint {
  return 1n << BigInt(number);
}

function has(bits: bigint, number: number): boolean {
  return (bits & bit(number)) !== 0n;
}
