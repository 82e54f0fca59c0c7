// From text to values. A parser throws Error with half a sentence that follows the setting's name: "must be …".
import { isIP } from 'node:net';
import path from 'node:path';

/** Where to listen. Port 0: any that is free. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Where everything that must last is kept. */
export type StoreAddress =
  | { readonly kind: 'sqlite'; readonly file: string }
  | { readonly kind: 'mysql'; readonly url: string };

/** What carries events between nodes. */
export type BusAddress = { readonly kind: 'local' } | { readonly kind: 'redis'; readonly url: string };

/** From quiet to talkative. */
const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** `127.0.0.1:6000`, `localhost:6000`, `[::1]:6000`, `[fe80::1%eth0]:6000`, `:6000` (all addresses). */
export function parseHostPort(text: string): HostPort {
  const match = /^(?:\[([^\]]+)\]|([^:\s]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) throw new Error('must be HOST:PORT, as 127.0.0.1:6000 or [::1]:6000');
  return { host: match[1] ?? (match[2] || '::'), port };
}

/** `host:port`, with brackets around IPv6. */
export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether only programs of this machine can reach an address. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  return name === '::1' || name === 'localhost' || name.endsWith('.localhost') || /^127(\.\d{1,3}){3}$/.test(name);
}

/** As parseHostPort, or `off`. */
export function parseHostPortOrOff(text: string): HostPort | undefined {
  return text === 'off' ? undefined : parseHostPort(text);
}

/** Addresses and CIDR ranges with commas between them: `127.0.0.0/8,::1`. */
export function parseAddressRanges(text: string): readonly string[] {
  const ranges = text.split(',').map((range) => range.trim());
  if (ranges.every(isAddressRange)) return ranges;
  throw new Error('must be addresses or ranges with commas between them, as 127.0.0.0/8,::1');
}

function isAddressRange(range: string): boolean {
  const [address = '', bits, ...more] = range.split('/');
  const most = { 4: 32, 6: 128 }[isIP(address)] ?? -1;
  const isWidth = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
  return most > 0 && !address.includes('%') && isWidth && more.length === 0;
}

/** A parser of whole numbers within bounds, both included. */
export function integerWithin(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new Error(`must be a whole number from ${min} to ${max}`);
  };
}

/** `true`, `yes`, `1`, `on` and their opposites, in lower case. */
export function parseBoolean(text: string): boolean {
  if (['true', 'yes', '1', 'on'].includes(text)) return true;
  if (['false', 'no', '0', 'off'].includes(text)) return false;
  throw new Error('must be true or false');
}

/** Exact names only, in lower case. */
export function parseLogLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === text);
  if (level === undefined) throw new Error(`must be one of ${LOG_LEVELS.join(', ')}`);
  return level;
}

/** What a URL of a server must look like, and an example of it. */
interface UrlShape {
  readonly path: RegExp;
  /** Options behind the `?`. Others are refused: who wrote one relies on it, as for TLS. */
  readonly options: readonly string[];
  readonly example: string;
}

const MYSQL_URL: UrlShape = {
  path: /^\/[^/]+$/,
  options: ['ssl=true', 'ssl=false'],
  example: 'mysql://user:password@host:3306/database, with ?ssl=true behind it for TLS',
};
const REDIS_URL: UrlShape = {
  path: /^\/?\d*$/,
  options: [],
  example: 'redis://user:password@host:6379, or rediss:// for TLS',
};

/** `sqlite:PATH` (relative to the working folder) or `mysql://user:password@host:3306/database?ssl=true`. */
export function parseStore(text: string): StoreAddress {
  if (text.startsWith('mysql://')) return { kind: 'mysql', url: parseUrl(text, MYSQL_URL) };
  const file = /^sqlite:(.+)$/.exec(text)?.[1];
  if (file === undefined || file.endsWith('/')) throw new Error('must be sqlite:FILE or mysql://…');
  return { kind: 'sqlite', file: path.resolve(file) };
}

/** `local`, `redis://…`, or `rediss://…` for TLS. */
export function parseBus(text: string): BusAddress {
  if (text === 'local') return { kind: 'local' };
  if (/^rediss?:\/\//.test(text)) return { kind: 'redis', url: parseUrl(text, REDIS_URL) };
  throw new Error('must be local or redis://…');
}

function parseUrl(text: string, { path: shape, options, example }: UrlShape): string {
  const url = URL.parse(text);
  const isRight = url !== null && url.hostname !== '' && shape.test(url.pathname) && isDecodable(url.href);
  if (isRight && optionsOf(url).every((option) => options.includes(option))) return text;
  throw new Error(`must look like ${example}`);
}

function optionsOf({ search }: URL): string[] {
  return search === '' ? [] : search.slice(1).split('&');
}

/** A `%` in a password has to be written as `%25`. */
function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether a value holds a password, as the part of a URL before `@` or among its options. */
export function hasSecret(text: string): boolean {
  return maskSecrets(text) !== text;
}

/** The same text with `***` in place of passwords. */
export function maskSecrets(text: string): string {
  return text
    .replace(/^([a-z]+:\/\/[^:/@\s]*):.*@/i, '$1:***@')
    .replace(/([?&](?:password|passwd|pwd|token|secret)=)[^&#]*/gi, '$1***');
}
