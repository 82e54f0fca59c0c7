/** A flag of the command line. */
export interface Flag {
  /** The long name, without dashes; also the key in config.toml, and the environment's PARLEY_NAME. */
  readonly name: string;
  readonly short?: string;
  /** What its value is called; a flag without it is a switch. */
  readonly value?: string;
  readonly help: string;
}

/** Flags that every verb takes, before or after its name. */
export const GLOBAL_FLAGS: readonly Flag[] = [
  { name: 'profile', short: 'p', value: 'NAME', help: 'the log-in to use; without it the last one used' },
  { name: 'server', value: 'URL', help: '[parley://]HOST[:6000]; without it the profile’s, else 127.0.0.1:6000' },
  { name: 'config', value: 'FILE', help: 'read settings from FILE' },
  { name: 'json', help: 'one JSON object a line on stdout; errors as JSON on stderr' },
  { name: 'fields', value: 'A,B', help: 'only these fields of the JSON objects (implies --json)' },
  { name: 'quiet', short: 'q', help: 'say nothing that was not asked for' },
  { name: 'verbose', short: 'v', help: 'say what happens on the way, on stderr' },
  {
    name: 'timeout',
    value: '10s',
    help: 'how long to wait for an answer of the server; for what others say tail -f waits until --for',
  },
  { name: 'no-color', help: 'no colours (also NO_COLOR)' },
  { name: 'no-input', help: 'never ask anything; also when stdin is no terminal' },
  { name: 'help', short: 'h', help: 'help for the program or a verb' },
  { name: 'version', help: 'print the version' },
];

/** A flag as help and manual write it: `-f, --file FILE`. */
export function spelled({ name, short, value }: Flag): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
}

/** The environment's name for a flag. */
export function variableOf(flag: string): string {
  return `PARLEY_${flag.replaceAll('-', '_').toUpperCase()}`;
}
