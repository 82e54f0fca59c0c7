import {
  formatHostPort,
  integerWithin,
  type LogLevel,
  parseAddressRanges,
  parseBoolean,
  parseBus,
  parseHostPort,
  parseHostPortOrOff,
  parseLogLevel,
  parseStore,
} from './values.ts';

/** What a default may depend on. */
export interface DefaultContext {
  /** The address to listen on, as it was decided. */
  readonly listen: string;
  /** Standard error is a terminal: a person looks at it. */
  readonly isTerminal: boolean;
}

/** One thing that can be set. */
export interface Setting<T> {
  /** One line for --help, with the unit. */
  readonly doc: string;
  /** What stands for the value in --help; undefined for a switch, which is `true` by being there. */
  readonly value?: string | undefined;
  /** Text as it would be given; every default goes through `parse` as well. */
  readonly byDefault: string | ((context: DefaultContext) => string);
  /** @throws Error with half a sentence that follows the setting's name: "must be …" */
  readonly parse: (text: string) => T;
}

function setting<T>(value: Setting<T>): Setting<T> {
  return value;
}

const GIBIBYTE = 1_073_741_824;
const HOUR_MS = 3_600_000;

/**
 * Every setting, once. The name gives all its spellings: `classicPaceMs` is --classic-pace-ms on the command line,
 * PARLEY_CLASSIC_PACE_MS in the environment and classic-pace-ms in the file.
 */
export const SETTINGS = {
  store: setting({
    doc: 'where everything that must last is kept: sqlite:FILE, or mysql://… (with its password: in the environment)',
    value: 'ADDRESS',
    byDefault: 'sqlite:./data/parley.db',
    parse: parseStore,
  }),
  bus: setting({
    doc: 'what carries events between nodes: local (one node), or redis://…',
    value: 'ADDRESS',
    byDefault: 'local',
    parse: parseBus,
  }),
  listen: setting({
    doc: 'where clients connect',
    value: 'HOST:PORT',
    byDefault: '127.0.0.1:6000',
    parse: parseHostPort,
  }),
  listenProxy: setting({
    doc: 'a second address for connections through a proxy that sends the PROXY header; or off',
    value: 'HOST:PORT',
    byDefault: 'off',
    parse: parseHostPortOrOff,
  }),
  trustedProxies: setting({
    doc: 'whose PROXY header is believed: addresses or ranges (10.0.0.0/8) with commas between them',
    value: 'RANGES',
    byDefault: '127.0.0.0/8,::1',
    parse: parseAddressRanges,
  }),
  http: setting({
    doc: 'where /healthz, /readyz and /metrics are served (default: the listen port + 80); or off',
    value: 'HOST:PORT',
    byDefault: ({ listen }) => besideListen(listen),
    parse: parseHostPortOrOff,
  }),
  allowPlaintext: setting({
    doc: 'listen without TLS on an address that other machines can reach',
    byDefault: 'false',
    parse: parseBoolean,
  }),
  maxConnections: setting({
    doc: 'connections at once; never more than the descriptors of the process allow',
    value: 'N',
    byDefault: '50000',
    parse: integerWithin(1, 1_000_000),
  }),
  maxConnectionsPerAddress: setting({
    doc: 'the same for one remote address; loopback is not counted',
    value: 'N',
    byDefault: '1000',
    parse: integerWithin(1, 1_000_000),
  }),
  maxSessionsPerUser: setting({
    doc: 'sessions of one account at once',
    value: 'N',
    byDefault: '64',
    parse: integerWithin(1, 100_000),
  }),
  queueBytes: setting({
    doc: 'output that may wait for one client, in bytes; a session that has more is caught up from the store later',
    value: 'BYTES',
    byDefault: '262144',
    parse: integerWithin(65_536, GIBIBYTE),
  }),
  stuckMs: setting({
    doc: 'how long a client may read nothing while output waits for it, in milliseconds',
    value: 'MS',
    byDefault: '30000',
    parse: integerWithin(1_000, HOUR_MS),
  }),
  requestsPerSecond: setting({
    doc: 'requests that one session may make a second, over time',
    value: 'N',
    byDefault: '2000',
    parse: integerWithin(1, 1_000_000),
  }),
  requestBurst: setting({
    doc: 'requests that one session may make at once',
    value: 'N',
    byDefault: '10000',
    parse: integerWithin(1, 10_000_000),
  }),
  loginTimeoutMs: setting({
    doc: 'how long a connection may stay without a log-in, in milliseconds (classic clients connect long before)',
    value: 'MS',
    byDefault: '900000',
    parse: integerWithin(1_000, 24 * HOUR_MS),
  }),
  loginFailures: setting({
    doc: 'wrong passwords for one account from one address, and registrations from one address, per minute',
    value: 'N',
    byDefault: '10',
    parse: integerWithin(1, 1_000_000),
  }),
  hashConcurrency: setting({
    doc: 'passwords that are hashed at once (25 ms of one core each)',
    value: 'N',
    byDefault: '2',
    parse: integerWithin(1, 64),
  }),
  hashQueue: setting({
    doc: 'log-ins that may wait for that; more are answered busy',
    value: 'N',
    byDefault: '200',
    parse: integerWithin(0, 100_000),
  }),
  classicPaceMs: setting({
    doc: 'pause between two frames to a classic client, in milliseconds; 0 only for load tests',
    value: 'MS',
    byDefault: '20',
    parse: integerWithin(0, 10_000),
  }),
  classicFullAnswers: setting({
    doc: 'send classic clients full log-in answers; the original client dies of frames above 1,023 bytes',
    byDefault: 'false',
    parse: parseBoolean,
  }),
  drainMs: setting({
    doc: 'how long stopping may take, in milliseconds',
    value: 'MS',
    byDefault: '8000',
    parse: integerWithin(0, HOUR_MS),
  }),
  logLevel: setting({
    doc: 'silent, error, warn, info or debug (default: info; warn when standard error is a terminal)',
    value: 'LEVEL',
    byDefault: ({ isTerminal }): LogLevel => (isTerminal ? 'warn' : 'info'),
    parse: parseLogLevel,
  }),
} as const satisfies Record<string, Setting<unknown>>;

export type SettingName = keyof typeof SETTINGS;
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

/** All settings with their values. */
export type Settings = { readonly [Name in SettingName]: ReturnType<(typeof SETTINGS)[Name]['parse']> };

/** `classicPaceMs` → `classic-pace-ms`: the flag without its dashes, and the key of the file. */
export function keyOf(name: SettingName): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `classicPaceMs` → `PARLEY_CLASSIC_PACE_MS`. */
export function variableOf(name: SettingName): string {
  return `PARLEY_${keyOf(name).replaceAll('-', '_').toUpperCase()}`;
}

/** A listener on any free port has its neighbour on any free port, too. */
function besideListen(listen: string): string {
  const { host, port } = parseHostPort(listen);
  if (port === 0) return formatHostPort({ host, port });
  return port + 80 > 65_535 ? 'off' : formatHostPort({ host, port: port + 80 });
}
