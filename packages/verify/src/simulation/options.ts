import { parseArgs } from 'node:util';
import type { Scope } from './scope.ts';
import { LARGE_SCOPES, SCOPES } from './scopes.ts';

/** What `npm run simulate` is to do. */
export type SimulateOptions = SeedOptions | ScopeOptions;

export interface SeedOptions {
  readonly kind: 'seeds';
  readonly first: number;
  readonly seeds: number;
  readonly steps: number;
  readonly isTraced: boolean;
  /** Rules; the first seed that breaks one of them is the last. */
  readonly until: ReadonlySet<string>;
}

export interface ScopeOptions {
  readonly kind: 'scopes';
  readonly scopes: readonly Scope[];
  readonly mostStates: number;
}

export const HELP = `npm run simulate -- [options]

Runs worlds by chance, each made and moved by its seed, and judges each. Ends with 1 when a rule is broken, 2 for a wrong command line.

  --seeds N     how many   [2000]
  --first N     the first seed   [1]
  --steps N     how many things happen in each before all is healed   [400]
  --trace       tell every step (with --seeds 1)
  --until A,B   end with the first seed that breaks one of these rules
  --scopes      try every course of every small scope instead
  --large       with --scopes: the larger ones
  --scope TEXT  of those scopes only whose names have this
  --only NAME   of those scopes only this one
  --states N    give up a scope after so many states   [1000000]
`;

const OF_SEEDS = {
  seeds: { type: 'string' },
  first: { type: 'string' },
  steps: { type: 'string' },
  until: { type: 'string' },
  trace: { type: 'boolean' },
} as const;
const OF_SCOPES = {
  large: { type: 'boolean' },
  scope: { type: 'string' },
  only: { type: 'string' },
  states: { type: 'string' },
} as const;
const MOST = 4_294_967_295;

/**
 * Reads the command line.
 * @returns undefined when help was asked for
 * @throws Error with one sentence, also for what would try nothing
 */
export function readOptions(args: readonly string[]): SimulateOptions | undefined {
  const values = parse(args);
  if (values.help === true) return undefined;
  const isScopes = values.scopes === true;
  const strange = Object.keys(values).find((name) => name in (isScopes ? OF_SEEDS : OF_SCOPES));
  if (strange !== undefined)
    throw new Error(isScopes ? `--${strange} does not go with --scopes` : `--${strange} goes with --scopes`);
  if (isScopes) {
    return { kind: 'scopes', scopes: scopesOf(values), mostStates: whole('states', values.states ?? '1000000', 1) };
  }
  return {
    kind: 'seeds',
    first: whole('first', values.first ?? '1', 0),
    seeds: whole('seeds', values.seeds ?? '2000', 1),
    steps: whole('steps', values.steps ?? '400', 1),
    isTraced: values.trace === true,
    until: new Set(values.until?.split(',')),
  };
}

type Values = ReturnType<typeof parse>;

function parse(args: readonly string[]) {
  const options = {
    ...OF_SEEDS,
    ...OF_SCOPES,
    scopes: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    const [sentence] = (error as Error).message.split('\n');
    throw new Error(sentence, { cause: error });
  }
}

function scopesOf({ large, scope = '', only }: Values): readonly Scope[] {
  const all = large === true ? LARGE_SCOPES : SCOPES;
  const asked = all.filter(({ name }) => name.includes(scope) && name === (only ?? name));
  if (asked.length > 0) return asked;
  throw new Error(only === undefined ? `there is no scope with "${scope}" in its name` : `there is no scope "${only}"`);
}

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= MOST) return value;
  throw new Error(`--${name} is a whole number from ${least} to ${MOST}, not ${JSON.stringify(text)}`);
}
