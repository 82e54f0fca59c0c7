import { isIPv6 as matchesIPv6 } from 'node:net';

/** Where a server listens. */
export interface ServerAddress {
  /** A name, an IPv4 address, or an IPv6 address without brackets (a zone such as `%eth0` stays). */
  readonly host: string;
  readonly port: number;
  /** Encrypted (`parleys://`). */
  readonly isSecure: boolean;
}

export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_PORT = 6000;

const SCHEME = /^(parleys?):\/\//i;
const BRACKETED = /^\[([^\]]+)\](?::(\d{1,5}))?$/;
const PLAIN = /^([^:\s/]+)(?::(\d{1,5}))?$/;

/**
 * Parses `[parley://|parleys://]HOST[:PORT]`; the port defaults to 6000. IPv6 addresses may stand in brackets, and
 * must when a port follows. Undefined for anything else.
 */
export function parseServerAddress(text: string): ServerAddress | undefined {
  const scheme = SCHEME.exec(text);
  const rest = text.slice(scheme?.[0].length ?? 0).replace(/\/$/, '');
  const isSecure = scheme?.[1]?.toLowerCase() === 'parleys';
  if (isIPv6(rest)) return { host: rest, port: DEFAULT_PORT, isSecure };
  const bracketed = BRACKETED.exec(rest);
  const [, spelled, digits] = bracketed ?? PLAIN.exec(rest) ?? [];
  // The dot at the end of a fully qualified name is for the resolver's search list, and not all resolvers take it.
  const host = spelled?.replace(/\.$/, '');
  if (host === undefined || (bracketed !== null && !isIPv6(host))) return undefined;
  const port = digits === undefined ? DEFAULT_PORT : Number(digits);
  return port >= 1 && port <= 65_535 ? { host, port, isSecure } : undefined;
}

/** Writes an address as `parseServerAddress` reads it, the shortest way. */
export function formatServerAddress({ host, port, isSecure }: ServerAddress): string {
  return `${isSecure ? 'parleys://' : ''}${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** It has two colons at least; only then the rest is asked, which takes 7 ms the first time. */
function isIPv6(text: string): boolean {
  return text.indexOf(':') < text.lastIndexOf(':') && matchesIPv6(text);
}
