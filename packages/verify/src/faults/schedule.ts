import type { Chance } from '../crowd/chance.ts';
import type { System } from '../systems/system.ts';
import type { FaultName, FaultPlan } from './fault.ts';
import { FAULT_TABLE } from './table.ts';

/** Faults that happen together; the next round begins when all of them are put back. */
export interface Round {
  /** Quiet before it. */
  readonly waitMs: number;
  readonly faults: readonly FaultPlan[];
}

/** What a schedule is made of. */
export interface ScheduleOptions {
  readonly names: readonly FaultName[];
  readonly system: System;
  readonly chance: Chance;
  /** How many faults a round has, where so many find victims of their own. */
  readonly atOnce: number;
}

/** Time for the crowd to recover, so that one round's marks are not another's. */
const BETWEEN_MS = [1_000, 3_000] as const;
/** Faults of a round begin within this time, so that each order of beginnings and ends comes up. */
const SPREAD_MS = [0, 1_500] as const;

/**
 * All faults in an order by chance, then all again in another, without end. Draws from chance alone, never from what
 * happened, so that the same seed gives the same faults to the same systems: kinds, order, victims and lengths.
 */
export function* scheduleOf({ names, system, chance, atOnce }: ScheduleOptions): Generator<Round, void> {
  if (names.length === 0) return;
  let deck: FaultName[] = [];
  for (;;) {
    if (deck.length < atOnce) deck = [...deck, ...chance.shuffle(names)];
    const waitMs = between(chance, BETWEEN_MS);
    const faults: FaultPlan[] = [];
    const later: FaultName[] = [];
    for (const name of deck) {
      const plan = faults.length < atOnce ? planOf(name, { system, chance, others: faults }) : undefined;
      if (plan) faults.push(plan);
      else later.push(name);
    }
    deck = later;
    yield { waitMs, faults };
  }
}

interface Surroundings {
  readonly system: System;
  readonly chance: Chance;
  readonly others: readonly FaultPlan[];
}

/** Undefined: the others of the round break all that it could. */
function planOf(fault: FaultName, { system, chance, others }: Surroundings): FaultPlan | undefined {
  const { targets, lasts } = FAULT_TABLE[fault];
  const taken = new Set(others.flatMap(({ victims }) => victims));
  const free = targets(system).filter((victims) => victims.every((victim) => !taken.has(victim)));
  if (free.length === 0) return undefined;
  return {
    fault,
    victims: chance.pick(free),
    afterMs: others.length === 0 ? 0 : between(chance, SPREAD_MS),
    lastsMs: between(chance, lasts),
    seed: chance.below(2 ** 32),
  };
}

function between(chance: Chance, [least, most]: readonly [number, number]): number {
  return Math.round(least + chance.next() * (most - least));
}
