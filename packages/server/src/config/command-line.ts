import { parseArgs } from 'node:util';
import { ConfigError, UsageError } from './config-error.ts';
import { keyOf, SETTING_NAMES, SETTINGS, type SettingName, variableOf } from './settings.ts';
import type { GivenSettings } from './sources.ts';
import { formatHostPort, hasSecret } from './values.ts';

/** What the command line asks for. */
export interface CommandLine {
  readonly command: 'serve' | 'config' | 'help' | 'version';
  readonly settings: GivenSettings;
  readonly configFile: string | undefined;
}

/**
 * Reads `parleyd [serve] [HOST PORT] [flags]`, `parleyd config [flags]`, --help and --version.
 * @throws UsageError when it has no meaning; ConfigError for a secret among the arguments
 */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const { values, positionals } = parse(argv);
  const [first, ...rest] = positionals;
  const isNamed = first === 'serve' || first === 'config';
  const command = values['help'] ? 'help' : values['version'] ? 'version' : isNamed ? first : 'serve';
  const settings = fromFlags(values);
  addHostPort(settings, isNamed ? rest : positionals);
  const configFile = values['config'];
  return { command, settings, configFile: typeof configFile === 'string' ? configFile : undefined };
}

type FlagValues = Record<string, string | boolean | undefined>;

function parse(argv: readonly string[]): { values: FlagValues; positionals: string[] } {
  const options: Record<string, { type: 'string' | 'boolean'; short?: string }> = {
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean', short: 'V' },
    config: { type: 'string', short: 'c' },
  };
  for (const name of SETTING_NAMES) options[keyOf(name)] = { type: isSwitch(name) ? 'boolean' : 'string' };
  try {
    const parsed = parseArgs({ args: [...argv], options, allowPositionals: true, allowNegative: true });
    return { values: parsed.values, positionals: parsed.positionals };
  } catch (error) {
    const [what = ''] = (error as Error).message.split(/\.\s|\n/);
    throw new UsageError(what.replace(/\.$/, ''));
  }
}

function isSwitch(name: SettingName): boolean {
  return SETTINGS[name].value === undefined;
}

function fromFlags(values: FlagValues): GivenSettings {
  const given: GivenSettings = {};
  for (const name of SETTING_NAMES) {
    const value = values[keyOf(name)];
    if (value === undefined) continue;
    const text = String(value);
    // Any user of the machine can read another's command line.
    if (hasSecret(text)) {
      throw new ConfigError(
        `--${keyOf(name)} must not hold a password: give it as ${variableOf(name)} or in a --config file`,
      );
    }
    given[name] = { text, source: `--${keyOf(name)}` };
  }
  return given;
}

/** The ancestor's servers were started with an address and a port. */
function addHostPort(settings: GivenSettings, words: readonly string[]): void {
  const [host, port, extra] = words;
  if (host === undefined) return;
  if (port === undefined || extra !== undefined || !/^\d{1,5}$/.test(port)) {
    throw new UsageError(`parleyd takes a host and a port, not ${JSON.stringify(words.join(' '))}`);
  }
  if (settings.listen !== undefined) throw new UsageError('give either HOST PORT or --listen');
  settings.listen = { text: formatHostPort({ host, port: Number(port) }), source: 'command line' };
}
