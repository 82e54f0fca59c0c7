import { formatServerAddress, parseServerAddress } from '@parley/client';
import { type ConfigFile, NO_CONFIG, readConfigFile } from './disk/config-file.ts';
import { readLastProfiles } from './disk/last-profile.ts';
import { type Env, findPaths, type Paths, profileFolder } from './disk/paths.ts';
import { readSession, type SavedSession } from './disk/session-file.ts';
import { parseDuration } from './durations.ts';
import { EXIT } from './exit-codes.ts';
import { configFailure, Failure, usageFailure } from './failure.ts';
import { type Flag, variableOf } from './flags.ts';

/** Where a server is looked for. */
const DEFAULT_SERVER = '127.0.0.1:6000';

type Flags = Readonly<Record<string, string | true>>;

/** What applies to this run: flag › environment › profile › file › default. */
export interface Settings {
  readonly paths: Paths;
  /** Where settings are read from, whether it is there or not. */
  readonly configFile: string;
  /** Undefined: none was named, and none was used before. */
  readonly profile: string | undefined;
  /** The profile was named by a flag or the environment. */
  readonly isProfileNamed: boolean;
  /** HOST:PORT. */
  readonly server: string;
  /** The profile's log-in, when it is one to this server. */
  readonly session: SavedSession | undefined;
  /** From the environment; stands before the session and makes nothing be written. Secret. */
  readonly token: string | undefined;
  readonly timeoutMs: number;
  readonly json: boolean;
  readonly fields: readonly string[];
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** What is shown is spoken: nothing is written over. */
  readonly screenReader: boolean;
  /** When line mode shows what comes in; checked where it is used. */
  readonly say: string | undefined;
  /** Whether the ancestor's commands are commands in a chat as well; checked where it is used. */
  readonly legacyCommands: string | undefined;
  /** Nothing may be asked. */
  readonly noInput: boolean;
}

/** Reads everything that is set anywhere. Throws a Failure (2 or 78). */
export function readSettings(flags: Flags, env: Env, isTerminal: boolean): Settings {
  const named = textOf(flags, 'config') ?? (env[variableOf('config')] || undefined);
  const file = readConfigFile(named ?? findPaths(env).configFile, named !== undefined);
  return settle(file, { flags, env, isTerminal });
}

/** The same for who is to mend config.toml: one that is no good is left out. Throws a Failure (2 or 78). */
export function readSettingsToMend(flags: Flags, env: Env, isTerminal: boolean): Settings {
  try {
    return readSettings(flags, env, isTerminal);
  } catch (error) {
    if (!(error instanceof Failure) || error.exit !== EXIT.badConfig) throw error;
    return settle(NO_CONFIG, { flags, env, isTerminal });
  }
}

interface Surroundings {
  readonly flags: Flags;
  readonly env: Env;
  readonly isTerminal: boolean;
}

function settle(file: ConfigFile, { flags, env, isTerminal }: Surroundings): Settings {
  const paths = findPaths(env);
  const configFile = textOf(flags, 'config') ?? (env[variableOf('config')] || paths.configFile);
  const token = env['PARLEY_TOKEN'] || undefined;
  const given = (name: string): string | undefined => textOf(flags, name) ?? (env[variableOf(name)] || undefined);

  const givenServer = given('server');
  const chosen = given('profile') ?? file.settings['profile'];
  const profile = chosen ?? (token === undefined ? lastProfile(paths, givenServer) : undefined);
  const ofProfile = profile === undefined ? {} : (file.profiles[profile] ?? {});
  const get = (name: string): string | undefined => given(name) ?? ofProfile[name] ?? file.settings[name];
  const saved = profile === undefined || token !== undefined ? undefined : readSession(profileFolder(paths, profile));
  const inFile = <T>(read: () => T, given: string | undefined): T =>
    given === undefined ? blaming(configFile, read) : read();
  const server = inFile(
    () => serverOf(givenServer ?? ofProfile['server'] ?? saved?.server ?? file.settings['server']),
    givenServer,
  );
  const fields =
    get('fields')
      ?.split(',')
      .map((field) => field.trim())
      .filter(Boolean) ?? [];

  return {
    paths,
    configFile,
    profile,
    isProfileNamed: given('profile') !== undefined,
    server,
    session: saved?.server === server ? saved : undefined,
    token,
    timeoutMs: inFile(() => parseDuration(get('timeout') ?? '10s', 'timeout'), given('timeout')),
    json: isOn(get('json')) || fields.length > 0,
    fields,
    quiet: isOn(get('quiet')),
    verbose: isOn(get('verbose')),
    screenReader: isOn(get('screen-reader')),
    say: get('say'),
    legacyCommands: get('legacy-commands'),
    noInput: isOn(get('no-input')) || !isTerminal,
  };
}

function lastProfile(paths: Paths, givenServer: string | undefined): string | undefined {
  const { last, byServer } = readLastProfiles(paths);
  if (givenServer === undefined) return last;
  const server = serverOf(givenServer);
  return Object.hasOwn(byServer, server) ? byServer[server] : undefined;
}

function serverOf(text: string | undefined): string {
  if (text === undefined) return DEFAULT_SERVER;
  const address = parseServerAddress(text);
  if (address === undefined) throw usageFailure(`${text} is no server.`, 'Example: --server 127.0.0.1:6000');
  return formatServerAddress(address);
}

function textOf(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return value === true ? 'true' : value;
}

/** What cannot be used comes from a file, which is named. */
function blaming<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw configFailure(`${file}: ${error.message}`, 'parley config edit opens it, parley config unset KEY mends it.');
  }
}

/** Whether a flag may have this value when it is kept in config.toml. Throws a Failure (2). */
export function checkSetting({ name, value: kind }: Flag, value: string): void {
  if (name === 'server') serverOf(value);
  if (name === 'timeout') parseDuration(value, name);
  const choices = kind === undefined ? [...ON, ...OFF] : /^[a-z|-]+$/.test(kind) ? kind.split('|') : undefined;
  if (choices?.includes(value) === false) {
    throw usageFailure(`${name} is ${kind === undefined ? 'true or false' : choices.join(', ')}; not ${value}.`);
  }
}

const ON: readonly string[] = ['true', 'yes', 'on', '1'];
const OFF: readonly string[] = ['false', 'no', 'off', '0'];

function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== '' && !OFF.includes(value.toLowerCase());
}
