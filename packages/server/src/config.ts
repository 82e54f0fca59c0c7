import { readCommandLine } from './config/command-line.ts';
import { ConfigError } from './config/config-error.ts';
import { describeSettings, helpText } from './config/describe.ts';
import { keyOf, SETTING_NAMES, SETTINGS, type SettingName, type Settings } from './config/settings.ts';
import { byDefault, fromEnvironment, fromFile, type Given } from './config/sources.ts';
import { formatHostPort, type HostPort, isLoopbackHost } from './config/values.ts';

export { ConfigError } from './config/config-error.ts';
export { unknownVariables } from './config/sources.ts';
export type { HostPort, LogLevel } from './config/values.ts';
export { formatHostPort } from './config/values.ts';

/** The settings of one server, checked and frozen. */
export type Config = Settings;

/** What to do. */
export type Command =
  | { readonly name: 'serve'; readonly config: Config }
  | { /** Print this and end well. */ readonly name: 'print'; readonly text: string }
  | { readonly name: 'version' };

/** Where settings come from. */
export interface Surroundings {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Standard error is a terminal. */
  readonly isTerminal: boolean;
}

/**
 * Reads the command line and all settings: flags before environment before file before defaults. [CONF-1]
 * @throws ConfigError with one sentence and an exit code
 */
export function readCommand(from: Surroundings): Command {
  const line = readCommandLine(from.argv);
  if (line.command === 'help') return { name: 'print', text: helpText() };
  if (line.command === 'version') return { name: 'version' };
  const file = line.configFile === undefined ? {} : fromFile(line.configFile);
  const given = complete({ ...file, ...fromEnvironment(from.env), ...line.settings }, from.isTerminal);
  const config = parseAll(given);
  if (line.command === 'config') return { name: 'print', text: describeSettings(given) };
  assertServable(config);
  return { name: 'serve', config };
}

/** Settings for a server within another program (tests): defaults, with these texts in place of some. */
export function configOf(texts: Partial<Record<SettingName, string>> = {}): Config {
  const given = Object.entries(texts).map(([name, text]) => [name, { text, source: 'program' }]);
  const config = parseAll(complete(Object.fromEntries(given), false));
  assertServable(config);
  return config;
}

function complete(given: Partial<Record<SettingName, Given>>, isTerminal: boolean): Record<SettingName, Given> {
  const listen = given.listen ?? byDefault(SETTINGS.listen.byDefault, { listen: '', isTerminal });
  // Some defaults follow from where to listen, so that has to be right first.
  parseOne('listen', listen);
  const context = { listen: listen.text, isTerminal };
  const all = SETTING_NAMES.map((name) => [name, given[name] ?? byDefault(SETTINGS[name].byDefault, context)]);
  return Object.fromEntries(all) as Record<SettingName, Given>;
}

function parseAll(given: Record<SettingName, Given>): Config {
  const values = SETTING_NAMES.map((name) => [name, parseOne(name, given[name])]);
  return Object.freeze(Object.fromEntries(values)) as Config;
}

function parseOne(name: SettingName, { text, source }: Given): unknown {
  try {
    return SETTINGS[name].parse(text);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    // What has an @ may hold a password, however it is misspelt.
    const instead = text.includes('@') ? '' : `, not ${JSON.stringify(text)}`;
    throw new ConfigError(`${keyOf(name)} (${source}) ${what}${instead}`);
  }
}

/** Settings that are well-formed, yet nothing to serve with. */
function assertServable(config: Config): void {
  const { store, bus, listenProxy, listen, allowPlaintext } = config;
  if (store.kind === 'sqlite' && bus.kind === 'redis') {
    throw new ConfigError('bus redis://… joins nodes that share a mysql:// store; an sqlite: store has one node');
  }
  assertApart(config);
  const open = [listen, listenProxy].find((address) => address !== undefined && !isLoopbackHost(address.host));
  if (!allowPlaintext && open !== undefined) throw refusePlaintext(open);
}

/** Each would find its address taken, by the one before. [OPS-2] */
function assertApart({ listen, listenProxy, http }: Config): void {
  const before: [string, HostPort][] = [['listen', listen]];
  for (const [name, address] of Object.entries({ 'listen-proxy': listenProxy, http })) {
    if (address === undefined) continue;
    const other = before.find(([, taken]) => wouldCollide(taken, address));
    if (other !== undefined) {
      throw new ConfigError(`${name} must not be on port ${address.port}, which is that of ${other[0]}`);
    }
    before.push([name, address]);
  }
}

function wouldCollide(one: HostPort, other: HostPort): boolean {
  if (one.port !== other.port || one.port === 0) return false;
  return one.host === other.host || [one.host, other.host].some((host) => host === '::' || host === '0.0.0.0');
}

/** [OPS-3] */
function refusePlaintext(listen: HostPort): ConfigError {
  return new ConfigError(
    `on ${formatHostPort(listen)} passwords and messages would cross the network as plain text; ` +
      'listen on 127.0.0.1, or say --allow-plaintext if a tunnel or a TLS proxy protects them',
  );
}
