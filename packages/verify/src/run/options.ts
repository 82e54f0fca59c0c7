import { parseArgs } from 'node:util';
import { FAULTS, type FaultName } from '../faults/fault.ts';
import { STORES, type StoreName } from '../systems/system.ts';

/** What `parley verify` is to do. */
export type VerifyCommand = RunCommand | { readonly verb: 'help' } | CheckCommand;

export interface RunCommand {
  readonly verb: 'run';
  readonly store: StoreName;
  readonly nodes: number;
  readonly seconds: number;
  readonly users: number;
  readonly rate: number;
  readonly faults: readonly FaultName[];
  /** `all` was asked for: what cannot be done here is left out, and said. */
  readonly allFaults: boolean;
  readonly seed: number;
  /** Where everything is kept; undefined: a temporary folder, removed when all is well. */
  readonly folder: string | undefined;
  readonly json: boolean;
}

/** Judges the history of an earlier run. */
export interface CheckCommand {
  readonly verb: 'check';
  readonly history: string;
  readonly json: boolean;
}

export const HELP = `npm run verify -- [options]

Breaks a Parley on purpose while people talk, and shows that nothing acknowledged was lost, doubled or reordered.

  --store NAME      sqlite (one node), mysql or mariadb (a cluster with Redis and nginx)   [sqlite]
  --nodes N         nodes of the cluster   [2]
  --seconds N       how long people talk   [30]
  --users N         how many   [30]
  --rate N          messages that they send a second   [300]
  --faults A,B      which faults, one after another; all, or none   [all]
  --seed N          the same seed gives the same people and the same order of faults   [by chance]
  --folder FOLDER   keep data, logs and history there
  --history FILE    judge the history of an earlier run again
  --json            the verdict as one JSON object

Faults: ${FAULTS.join(' ')}

Ends with 0 when every rule holds, 1 when one does not, 64 for a wrong command line, 69 when it cannot be tried.
`;

const MOST_SEED = 4_294_967_295;

/** @throws Error with one sentence when the command line is wrong */
export function readCommand(argv: readonly string[]): VerifyCommand {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      store: { type: 'string', default: 'sqlite' },
      nodes: { type: 'string' },
      seconds: { type: 'string', default: '30' },
      users: { type: 'string', default: '30' },
      rate: { type: 'string', default: '300' },
      faults: { type: 'string', default: 'all' },
      seed: { type: 'string' },
      folder: { type: 'string' },
      history: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return { verb: 'help' };
  if (values.history !== undefined) return { verb: 'check', history: values.history, json: values.json };
  const store = oneOf('store', values.store, STORES);
  const nodes = values.nodes ?? (store === 'sqlite' ? '1' : '2');
  const seed = values.seed ?? String(Math.floor(Math.random() * MOST_SEED));
  return {
    verb: 'run',
    store,
    nodes: within('nodes', nodes, [1, store === 'sqlite' ? 1 : 32]),
    seconds: within('seconds', values.seconds, [1, 86_400]),
    users: within('users', values.users, [2, 10_000]),
    rate: within('rate', values.rate, [1, 100_000]),
    faults: faultsOf(values.faults),
    allFaults: values.faults === 'all',
    seed: within('seed', seed, [0, MOST_SEED]),
    folder: values.folder,
    json: values.json,
  };
}

function faultsOf(text: string): readonly FaultName[] {
  if (text === 'all') return FAULTS;
  if (text === 'none' || text === '') return [];
  return text.split(',').map((name) => oneOf('faults', name.trim(), FAULTS));
}

function oneOf<T extends string>(option: string, text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new Error(`--${option}: there is no ${text}; there are ${choices.join(', ')}`);
  return found;
}

function within(option: string, text: string, [least, most]: readonly [number, number]): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most) {
    throw new Error(`--${option} is a whole number from ${least} to ${most}, not ${JSON.stringify(text)}`);
  }
  return value;
}
