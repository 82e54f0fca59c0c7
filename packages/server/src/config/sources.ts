import { readFileSync } from 'node:fs';
import { parse as parseToml } from 'smol-toml';
import { ConfigError } from './config-error.ts';
import { type DefaultContext, keyOf, SETTING_NAMES, type SettingName, variableOf } from './settings.ts';

/** A setting's text and who gave it. */
export interface Given {
  readonly text: string;
  /** For people: `--listen`, `PARLEY_LISTEN`, `parley.toml`, `default`. */
  readonly source: string;
}

export type GivenSettings = Partial<Record<SettingName, Given>>;

/** Values of the environment; the empty string counts as not set, as shells make it hard to tell. */
export function fromEnvironment(env: Readonly<Record<string, string | undefined>>): GivenSettings {
  const given: GivenSettings = {};
  for (const name of SETTING_NAMES) {
    const variable = variableOf(name);
    const text = env[variable];
    if (text !== undefined && text !== '') given[name] = { text, source: variable };
  }
  return given;
}

/** Names that begin as ours do, and are no settings: misspelt perhaps, or for the client, which has the same prefix. */
export function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = new Set(SETTING_NAMES.map(variableOf));
  return Object.keys(env).filter((name) => name.startsWith('PARLEY_') && !known.has(name));
}

/**
 * Values of a TOML file: `listen = "127.0.0.1:6000"`, one key per setting.
 * @throws ConfigError naming the file, for what cannot be read, parsed or understood
 */
export function fromFile(file: string): GivenSettings {
  const given: GivenSettings = {};
  for (const [key, value] of Object.entries(readToml(file))) {
    const name = SETTING_NAMES.find((known) => keyOf(known) === key);
    if (name === undefined) throw new ConfigError(`${file}: there is no setting ${JSON.stringify(key)}`);
    if (!['string', 'number', 'bigint', 'boolean'].includes(typeof value)) {
      throw new ConfigError(`${file}: ${key} must be a string, a number, true or false`);
    }
    given[name] = { text: String(value), source: file };
  }
  return given;
}

function readToml(file: string): object {
  try {
    return parseToml(readFileSync(file, 'utf8'));
  } catch (error) {
    // The first line says what is wrong and where; the rest quotes the file, which may hold passwords.
    const [what = ''] = error instanceof Error ? error.message.split('\n') : [];
    throw new ConfigError(`${file}: ${what}`);
  }
}

/** What holds when nobody set it. Some defaults depend on where the server listens, and on whether a person watches. */
export function byDefault(byDefault: string | ((context: DefaultContext) => string), context: DefaultContext): Given {
  return { text: typeof byDefault === 'string' ? byDefault : byDefault(context), source: 'default' };
}
