import type { SimFault } from './step.ts';
import type { World, WorldOptions } from './world.ts';

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
}
