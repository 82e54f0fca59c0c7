import { formatServerAddress, parseServerAddress } from '@parley/client';
import { readConfigFile } from './disk/config-file.ts';
import { readLastProfiles } from './disk/last-profile.ts';
import { type Env, findPaths, type Paths, profileFolder } from './disk/paths.ts';
import { readSession, type SavedSession } from './disk/session-file.ts';
import { parseDuration } from './durations.ts';
import { usageFailure } from './failure.ts';
import { variableOf } from './flags.ts';

/** Where a server is looked for. */
const DEFAULT_SERVER = '127.0.0.1:6000';

type Flags = Readonly<Record<string, string | true>>;

/** What applies to this run: flag › environment › profile › file › default. */
export interface Settings {
  readonly paths: Paths;
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
  /** The ancestor's commands are commands in a chat as well. */
  readonly legacyCommands: boolean;
  /** Nothing may be asked. */
  readonly noInput: boolean;
}

/** Reads everything that is set anywhere. Throws a Failure (2 or 78). */
export function readSettings(flags: Flags, env: Env, isTerminal: boolean): Settings {
  const paths = findPaths(env);
  const named = textOf(flags, 'config') ?? env[variableOf('config')];
  const file = readConfigFile(named ?? paths.configFile, named !== undefined);
  const token = env['PARLEY_TOKEN'] || undefined;
  const given = (name: string): string | undefined => textOf(flags, name) ?? (env[variableOf(name)] || undefined);

  const givenServer = given('server');
  const chosen = given('profile') ?? file.settings['profile'];
  const profile = chosen ?? (token === undefined ? lastProfile(paths, givenServer) : undefined);
  const ofProfile = profile === undefined ? {} : (file.profiles[profile] ?? {});
  const get = (name: string): string | undefined => given(name) ?? ofProfile[name] ?? file.settings[name];
  const saved = profile === undefined || token !== undefined ? undefined : readSession(profileFolder(paths, profile));
  const server = serverOf(givenServer ?? ofProfile['server'] ?? saved?.server ?? file.settings['server']);
  const fields =
    get('fields')
      ?.split(',')
      .map((field) => field.trim())
      .filter(Boolean) ?? [];

  return {
    paths,
    profile,
    isProfileNamed: given('profile') !== undefined,
    server,
    session: saved?.server === server ? saved : undefined,
    token,
    timeoutMs: parseDuration(get('timeout') ?? '10s', 'timeout'),
    json: isOn(get('json')) || fields.length > 0,
    fields,
    quiet: isOn(get('quiet')),
    verbose: isOn(get('verbose')),
    screenReader: isOn(get('screen-reader')),
    say: get('say'),
    legacyCommands: get('legacy-commands') === 'always',
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

function isOn(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false', 'no', 'off'].includes(value.toLowerCase());
}
