/** Kinds of things that can happen next. Those who draw by chance weigh them, those who try all do not. */
export type StepKind = 'store' | 'answer' | 'hint' | 'subscribe' | 'timer' | 'up' | 'down' | 'act' | 'fault' | 'heal';

/** Something that can happen next. */
export interface Step {
  readonly kind: StepKind;
  /** The same wherever it is the same thing: a run is told by its labels. */
  readonly label: string;
  /** The node or device to which it happens; undefined: to the database or the network. */
  readonly at?: string;
  /** What it brings there, beyond what the label says. */
  readonly content?: unknown;
  /** The frame that it moves: the same object for as long as it is under way. */
  readonly frame?: object | undefined;
  run(): void;
}

/** What can go wrong. */
export const SIM_FAULTS = [
  'crash',
  'freeze',
  'loseHint',
  'doubleHint',
  'lie',
  'ambiguous',
  'deadlock',
  'refuse',
  'cut',
  'restart',
  'restore',
  'outage',
  'falseCursor',
] as const;

export type SimFault = (typeof SIM_FAULTS)[number];

/** How often each fault may still happen; nothing does that is not named. */
export class FaultBudget {
  #left: Partial<Record<SimFault, number>>;

  constructor(left: Partial<Record<SimFault, number>>) {
    this.#left = { ...left };
  }

  may(fault: SimFault): boolean {
    return (this.#left[fault] ?? 0) > 0;
  }

  take(fault: SimFault): void {
    this.#left[fault] = (this.#left[fault] ?? 0) - 1;
  }

  /** Nothing goes wrong any more. */
  end(): void {
    this.#left = {};
  }

  /** For the state's hash. */
  describe(): string {
    return JSON.stringify(this.#left);
  }
}
