import { formatServerAddress, parseServerAddress } from '@parley/client';
import type { Endpoint } from '../crowd/endpoint.ts';
import { FAULTS, type FaultName } from '../faults/fault.ts';
import { STORES, type StoreName } from '../systems/system.ts';
import { OPTIONS, type OptionValues } from './option-table.ts';

/** What `parley verify` is to do. */
export type VerifyCommand = RunCommand | CheckCommand;

export interface RunCommand {
  readonly verb: 'run';
  /** What people talk on. */
  readonly on: Started | Running;
  readonly seconds: number;
  readonly users: number;
  readonly rate: number;
  readonly faults: readonly FaultName[];
  /** `all` was asked for: what cannot be done here is left out, and said. */
  readonly allFaults: boolean;
  /** So many faults together. */
  readonly atOnce: number;
  readonly seed: number;
  /** Where everything is kept; undefined: a temporary folder, removed when all is well. */
  readonly folder: string | undefined;
}

/** A system of our own. */
export interface Started {
  readonly kind: 'started';
  readonly store: StoreName;
  readonly nodes: number;
}

/** A Parley that runs already. */
export interface Running {
  readonly kind: 'running';
  readonly at: readonly Endpoint[];
  /** Undefined: nobody reads it. */
  readonly database: DatabasePlace | undefined;
}

/** Where a database is read, past all nodes. */
export type DatabasePlace =
  | { readonly kind: 'mysql'; readonly url: string }
  | { readonly kind: 'sqlite'; readonly file: string };

/** Judges the history of an earlier run. */
export interface CheckCommand {
  readonly verb: 'check';
  readonly history: string;
}

/** A command line that has no meaning; one sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const MOST_SEED = 4_294_967_295;
const MOST_AT_ONCE = 8;
const USERS = '40';
/** More than most machines do while they are broken; a Parley that runs already has others to serve as well. */
const RATE = '1500';
const RATE_RUNNING = '300';
/** These say what is started. */
const OF_STARTED = ['store', 'nodes'] as const;

/**
 * @param values the options as they were given
 * @param env for PARLEY_DATABASE
 * @throws UsageError
 */
export function readCommand(values: OptionValues, env: NodeJS.ProcessEnv): VerifyCommand {
  for (const { name } of OPTIONS) if (values[name] === '') throw new UsageError(`--${name} needs a value`);
  if (values['history'] !== undefined) return check(values['history'], values);
  const seed = values['seed'] ?? String(Math.floor(Math.random() * MOST_SEED));
  return {
    verb: 'run',
    on: values['at'] === undefined ? started(values) : running(values['at'], values, env),
    seconds: within('seconds', values['seconds'] ?? '30', [1, 86_400]),
    users: within('users', values['users'] ?? USERS, [2, 10_000]),
    rate: within('rate', values['rate'] ?? (values['at'] === undefined ? RATE : RATE_RUNNING), [1, 100_000]),
    faults: faultsOf(values['faults'] ?? 'all'),
    allFaults: (values['faults'] ?? 'all') === 'all',
    atOnce: within('at-once', values['at-once'] ?? '1', [1, MOST_AT_ONCE]),
    seed: within('seed', seed, [0, MOST_SEED]),
    folder: values['folder'],
  };
}

function check(history: string, values: OptionValues): CheckCommand {
  const other = OPTIONS.find(({ name }) => name !== 'history' && values[name] !== undefined);
  if (other) throw new UsageError(`--history judges a run that is over; --${other.name} is for a new one`);
  return { verb: 'check', history };
}

function started({ store: name, nodes, database }: OptionValues): Started {
  if (database !== undefined) throw new UsageError('--database goes with --at: what is started here is read anyway');
  const store = oneOf('store', name ?? 'mysql', STORES);
  const isCluster = store !== 'sqlite';
  return {
    kind: 'started',
    store,
    nodes: within('nodes', nodes ?? (isCluster ? '2' : '1'), [1, isCluster ? 32 : 1]),
  };
}

function running(at: string, values: OptionValues, env: NodeJS.ProcessEnv): Running {
  for (const name of OF_STARTED) {
    if (values[name] !== undefined)
      throw new UsageError(`--${name} says what to start, and with --at nothing is started`);
  }
  const database = values['database'] ?? (env['PARLEY_DATABASE'] || undefined);
  if (values['database'] !== undefined && hasPassword(values['database'])) {
    throw new UsageError('--database: everybody can read a command line; give a password in PARLEY_DATABASE instead');
  }
  return {
    kind: 'running',
    at: at.split(',').map(endpointOf),
    database: database === undefined ? undefined : placeOf(database),
  };
}

function endpointOf(text: string): Endpoint {
  const address = parseServerAddress(text.trim());
  if (address === undefined)
    throw new UsageError(`--at: ${text} is no address; example: 127.0.0.1:8000,127.0.0.1:6000`);
  if (address.isSecure) throw new UsageError('--at: verify speaks without encryption only');
  return { name: formatServerAddress(address), host: address.host, port: address.port };
}

function hasPassword(text: string): boolean {
  return (URL.parse(text)?.password ?? '') !== '';
}

/** As PARLEY_STORE names them, or a path alone. */
function placeOf(text: string): DatabasePlace {
  if (/^(mysql|mariadb):\/\//.test(text)) {
    const url = URL.parse(text);
    if (url === null || url.pathname.length < 2) {
      throw new UsageError('a database is mysql://USER:PASSWORD@HOST:PORT/NAME, or the path of a SQLite file');
    }
    return { kind: 'mysql', url: url.href };
  }
  return { kind: 'sqlite', file: text.replace(/^sqlite:/, '') };
}

function faultsOf(text: string): readonly FaultName[] {
  if (text === 'all') return FAULTS;
  if (text === 'none') return [];
  const names = text.split(',').map((name) => name.trim());
  const alone = names.find((name) => name === 'all' || name === 'none');
  if (alone !== undefined) throw new UsageError(`--faults: ${alone} stands alone`);
  return [...new Set(names)].map((name) => oneOf('faults', name, FAULTS));
}

function oneOf<T extends string>(option: string, text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new UsageError(`--${option}: there is no ${text}; there are ${choices.join(', ')}`);
  return found;
}

function within(option: string, text: string, [least, most]: readonly [number, number]): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most) {
    throw new UsageError(`--${option} is a whole number from ${least} to ${most}, not ${JSON.stringify(text)}`);
  }
  return value;
}
