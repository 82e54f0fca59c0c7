import { keyOf, SETTING_NAMES, SETTINGS, type SettingName, variableOf } from './settings.ts';
import type { Given } from './sources.ts';
import { maskSecrets } from './values.ts';

/** The text of --help. */
export function helpText(): string {
  return `parleyd, the chat server

  parleyd [serve] [HOST PORT] [flags]   serve until SIGTERM or SIGINT
  parleyd config [flags]                print the settings in effect and where each comes from

  -c, --config FILE
      read settings from a TOML file
${SETTING_NAMES.map(describeFlag).join('\n')}
  -h, --help
  -V, --version

A flag goes before its environment variable (--queue-bytes: ${variableOf('queueBytes')}), that before the file
(queue-bytes = 262144), and that before the default. Passwords are never taken from the command line.

Exit codes: 0 stopped as asked · 2 wrong command line · 69 a port cannot be had, or the database cannot
be reached · 70 a mistake of the server, in its log · 74 the disk failed · 78 wrong settings, or data or
a database server that this server must not use.
`;
}

function describeFlag(name: SettingName): string {
  const setting = SETTINGS[name];
  if (setting.value === undefined) return `  --${keyOf(name)}\n      ${setting.doc}`;
  const fallback = typeof setting.byDefault === 'string' ? ` [${setting.byDefault}]` : '';
  return `  --${keyOf(name)} ${setting.value}${fallback}\n      ${setting.doc}`;
}

/** What `parleyd config` prints: a file that --config would take, except that passwords are masked. */
export function describeSettings(given: Readonly<Record<string, Given>>): string {
  const lines = SETTING_NAMES.map((name): [string, string] => {
    const { text, source } = given[name] as Given;
    return [`${keyOf(name)} = ${tomlValue(maskSecrets(text))}`, `# ${source}`];
  });
  const width = Math.max(...lines.map(([left]) => left.length));
  return `${lines.map(([left, right]) => `${left.padEnd(width)}  ${right}`).join('\n')}\n`;
}

function tomlValue(text: string): string {
  return /^(\d+|true|false)$/.test(text) ? text : JSON.stringify(text);
}
