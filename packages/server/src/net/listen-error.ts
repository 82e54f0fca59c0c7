import net from 'node:net';

/** Why an address cannot be listened on. The message is one sentence for the person who starts the server. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  /** The system's code: EADDRINUSE, EACCES, EADDRNOTAVAIL, ENOTFOUND … */
  readonly code: string;
  readonly host: string;
  readonly port: number;
  /** Another port of the same host, free a moment ago; only when the one asked for is taken. */
  readonly freePort: number | undefined;

  constructor(cause: NodeJS.ErrnoException, at: { host: string; port: number; freePort?: number | undefined }) {
    super(explain(cause, at), { cause });
    this.code = cause.code ?? 'UNKNOWN';
    this.host = at.host;
    this.port = at.port;
    this.freePort = at.freePort;
  }
}

function explain(
  cause: NodeJS.ErrnoException,
  at: { host: string; port: number; freePort?: number | undefined },
): string {
  const address = formatHostPort(at.host, at.port);
  switch (cause.code) {
    case 'EADDRINUSE': {
      const suggestion = at.freePort === undefined ? '' : `; ${formatHostPort(at.host, at.freePort)} is free`;
      return `${address} is taken by another program${suggestion}`;
    }
    case 'EACCES':
      return `${address} may not be used by this user (ports below 1024 need a privilege)`;
    case 'EADDRNOTAVAIL':
      return `${address} cannot be used: ${at.host} is not an address of this machine`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${address} cannot be used: there is no host ${at.host}`;
    default:
      return `${address} cannot be listened on: ${cause.message}`;
  }
}

/** `host:port`, with brackets around IPv6. */
export function formatHostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Ports tried in search of a free one. */
const CANDIDATES = 20;

/** A port near `port` that is free at this moment (steps of two: the ancestor's servers are 6000 and 6002). */
export async function findFreePort(host: string, port: number): Promise<number | undefined> {
  for (let step = 1; step <= CANDIDATES; step += 1) {
    const candidate = port + 2 * step;
    if (candidate > 65_535) return undefined;
    if (await isFree(host, candidate)) return candidate;
  }
  return undefined;
}

async function isFree(host: string, port: number): Promise<boolean> {
  return (await tryListen(host, port)) === undefined;
}

/**
 * Whether an address can be listened on at this moment; asked before anything is made or changed.
 * @throws ListenError
 */
export async function assertListenable(host: string, port: number): Promise<void> {
  const cause = await tryListen(host, port);
  if (cause !== undefined) throw await listenError(cause, { host, port });
}

/** What the system answered as a ListenError; of a taken port with another one that is free. */
export async function listenError(
  cause: NodeJS.ErrnoException,
  { host, port }: { host: string; port: number },
): Promise<ListenError> {
  const freePort = cause.code === 'EADDRINUSE' ? await findFreePort(host, port) : undefined;
  return new ListenError(cause, { host, port, freePort });
}

/** Listens for a moment; what prevents it, else undefined. */
function tryListen(host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.ErrnoException | undefined>();
  const probe = net.createServer();
  probe.once('error', resolve);
  probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(undefined)));
  return promise;
}
