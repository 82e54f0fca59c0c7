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

/** What a fault may use. */
export interface FaultContext {
  readonly system: System;
  readonly crowd: Crowd;
  readonly chance: Chance;
  /** The run is to end: do not wait, put everything back. */
  readonly signal: AbortSignal;
  /** Says what exactly is done, to whom. */
  readonly tell: (what: string) => void;
}

/** Something that happens to systems. */
export interface Fault {
  /** Why it cannot happen to this system; undefined: it can. */
  readonly missing: (system: System) => string | undefined;
  /**
   * Begins it, lets it last, and puts everything back, whatever happens.
   * @throws Error when it showed that a promise does not hold (a drained node that does not end with 0)
   */
  readonly inject: (context: FaultContext) => Promise<void>;
}
