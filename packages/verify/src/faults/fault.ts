import type { Chance } from '../crowd/chance.ts';
import type { Crowd } from '../crowd/crowd.ts';
import type { System } from '../systems/system.ts';

/** All faults that there are. */
export const FAULTS = [
  'kill-node',
  'freeze-node',
  'freeze-in-transaction',
  'drain-node',
  'kill-redis',
  'freeze-redis',
  'kill-mysql',
  'freeze-mysql',
  'cut-in-commit',
  'kill-nginx',
  'partition',
  'slow-reader',
  'disk-full',
  'clock-step',
  'reset-connections',
] as const;
export type FaultName = (typeof FAULTS)[number];

/** The crowd's connections, as the victim of a fault. */
export const CLIENTS = 'clients';

/** Why what somebody else started is not broken. */
export const NOT_OURS = 'it was started by somebody else';

/** One fault as the seed has it, whatever happens meanwhile. */
export interface FaultPlan {
  readonly fault: FaultName;
  /** Whom it breaks; nobody else may break them meanwhile, so that each fault can put back what it broke. */
  readonly victims: readonly string[];
  /** It begins so long after its round. */
  readonly afterMs: number;
  /** How long it lasts, from when its victim is broken. */
  readonly lastsMs: number;
  /** Decides what is left to decide: which of two ways, whose connections. */
  readonly seed: number;
}

/** What a fault may use. */
export interface FaultContext {
  readonly system: System;
  readonly crowd: Pick<Crowd, 'devices' | 'counts'>;
  readonly plan: FaultPlan;
  /** Of the plan's seed. */
  readonly chance: Chance;
  /** The run is to end: do not wait, put everything back. */
  readonly signal: AbortSignal;
  /** Waits; not at all when the run is to end. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Says what exactly is done, to whom. */
  readonly tell: (what: string) => void;
}

/** Something that happens to systems. */
export interface Fault {
  /** Why it cannot happen to this system; undefined: it can. */
  readonly missing: (system: System) => string | undefined;
  /** Whom it may hit: one of these, each all that it breaks at once. Names, in an order that is always the same. */
  readonly targets: (system: System) => readonly (readonly string[])[];
  /** How long it lasts, between two times in milliseconds. */
  readonly lasts: readonly [number, number];
  /**
   * Begins it, lets it last, and puts everything back, whatever happens.
   * @throws Error when it showed that a promise does not hold (a drained node that does not end with 0)
   */
  readonly inject: (context: FaultContext) => Promise<void>;
}

/** Lets the fault last as long as its plan says. */
export async function last({ plan, sleep }: FaultContext): Promise<void> {
  await sleep(plan.lastsMs);
}
