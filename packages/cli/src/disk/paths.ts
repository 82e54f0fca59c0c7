import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import path from 'node:path';
import { nameKey } from '@parley/protocol';

export type Env = Readonly<Record<string, string | undefined>>;

/** Where the client keeps its files. Nothing is made by asking. */
export interface Paths {
  /** Settings. */
  readonly configFile: string;
  /** One folder for each profile, and what is said about all of them. */
  readonly stateFolder: string;
  /** The same for what was said and what is to be said. */
  readonly dataFolder: string;
}

/** By `PARLEY_HOME`, else by the XDG variables, else below the home folder. */
export function findPaths(env: Env): Paths {
  const home = env['PARLEY_HOME'];
  if (home !== undefined && home !== '') {
    const folder = path.resolve(home);
    return { configFile: path.join(folder, 'config.toml'), stateFolder: folder, dataFolder: folder };
  }
  const config = xdg(env, 'XDG_CONFIG_HOME', '.config');
  const state = xdg(env, 'XDG_STATE_HOME', '.local/state');
  const data = xdg(env, 'XDG_DATA_HOME', '.local/share');
  return {
    configFile: path.join(config, 'parley/config.toml'),
    stateFolder: path.join(state, 'parley'),
    dataFolder: path.join(data, 'parley'),
  };
}

/** The XDG specification ignores relative paths. */
function xdg(env: Env, name: string, fallback: string): string {
  const value = env[name];
  if (value !== undefined && path.isAbsolute(value)) return value;
  return path.join(env['HOME'] || homeOfAccount(), fallback);
}

/** `/` when not even the system knows a home: it cannot be written to, which is said when something must be. */
function homeOfAccount(): string {
  try {
    return homedir() || '/';
  } catch {
    return '/';
  }
}

/** Bytes that a file's name may have almost everywhere, with room to spare. */
const MOST_NAME_BYTES = 120;
const UNSAFE = /[^\p{L}\p{N}\p{M}_@+-]/gu;

/** A profile's folder for its log-in. */
export function profileFolder(paths: Paths, profile: string): string {
  return path.join(paths.stateFolder, folderName(profile));
}

/** The file with a profile's messages and outbox. */
export function storeFile(paths: Paths, profile: string): string {
  return path.join(paths.dataFolder, folderName(profile), 'store.db');
}

/** Names that are one to the server are one here, and none can lead out of the folder. */
function folderName(profile: string): string {
  const key = nameKey(profile).replace(UNSAFE, (char) => encodeURIComponent(char).replaceAll('.', '%2E'));
  const isLong = Buffer.byteLength(key) > MOST_NAME_BYTES;
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 32);
  return isLong ? `${key.slice(0, 20).toWellFormed()}%${hash}` : key || '%';
}
