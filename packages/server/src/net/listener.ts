import net, { type Server, type Socket } from 'node:net';
import type { Logger } from '../observe/log.ts';
import { OccasionalLog } from '../observe/occasional-log.ts';
import { AddressCounts } from './address-counts.ts';
import { Connection, type ConnectionShared } from './connection.ts';
import type { OpenConnection } from './connection-listener.ts';
import { Flusher } from './flusher.ts';
import { Keepalive } from './keepalive.ts';
import { KernelQueues } from './kernel-queues.ts';
import { listenError } from './listen-error.ts';
import type { NetClock } from './net-clock.ts';
import { type NetLimits, SOCKET_BUFFER_BYTES, WRITE_QUEUE_FLOOR_BYTES } from './net-limits.ts';
import { Pacer } from './pacer.ts';
import { ProxyGate } from './proxy-gate.ts';
import { isLoopback, remoteAddressOf } from './remote-address.ts';

/** Where to listen. */
export interface ListenAddress {
  /** A name or address; `::` and `0.0.0.0` are all addresses of this machine. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/** An address for connections that begin with the PROXY header. */
export interface ProxyAddress extends ListenAddress {
  /** Whether a proxy at this address is believed. */
  readonly isTrusted: (address: string) => boolean;
}

export interface ListenOptions extends ListenAddress {
  readonly proxy?: ProxyAddress | undefined;
  readonly openConnection: OpenConnection;
  readonly limits: NetLimits;
  readonly clock: NetClock;
  readonly log: Logger;
}

/**
 * Idle time before TCP keep-alive asks, in milliseconds; libuv then probes ten times, a second apart (uv_tcp_keepalive).
 * It is all that watches classic peers, which neither ping nor may be pinged. Short enough for the tables of most
 * firewalls, too.
 */
const KEEPALIVE_MS = 60_000;

/** Connections that the system holds ready for us; a herd that returns at once is larger than Node's default 511. */
const BACKLOG = 4_096;

/**
 * Opens a listener for chat peers.
 * @throws ListenError when the address cannot be had
 */
export async function openListener(options: ListenOptions): Promise<Listener> {
  if (options.limits.queueBytes < WRITE_QUEUE_FLOOR_BYTES) {
    throw new RangeError(`queueBytes is below ${WRITE_QUEUE_FLOOR_BYTES}`);
  }
  const server = await listen(options);
  try {
    return new Listener(options, server, options.proxy && (await listen(options.proxy)));
  } catch (error) {
    server.close();
    throw error;
  }
}

async function listen({ host, port }: ListenAddress): Promise<Server> {
  const server = net.createServer({
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEPALIVE_MS,
    highWaterMark: SOCKET_BUFFER_BYTES,
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port, backlog: BACKLOG }, resolve);
  try {
    await promise;
  } catch (error) {
    throw await listenError(error as NodeJS.ErrnoException, { host, port });
  }
  server.off('error', reject);
  return server;
}

/** Accepts connections within its limits and keeps them until they end. [LIMIT-1] */
export class Listener {
  readonly address: string;
  readonly port: number;
  /** Where the PROXY header is required, if anywhere. */
  readonly proxyPort: number | undefined;
  readonly #servers: readonly Server[];
  readonly #gate: ProxyGate;
  readonly #options: ListenOptions;
  readonly #shared: ConnectionShared;
  readonly #occasional: OccasionalLog;
  readonly #connections = new Set<Connection>();
  readonly #perAddress = new AddressCounts();
  readonly #closed: Promise<unknown>;
  #lastId = 0;

  constructor(options: ListenOptions, server: Server, proxy?: Server) {
    const { limits, clock, log } = options;
    const bound = server.address() as net.AddressInfo;
    this.address = bound.address;
    this.port = bound.port;
    this.proxyPort = (proxy?.address() as net.AddressInfo | undefined)?.port;
    this.#servers = proxy === undefined ? [server] : [server, proxy];
    this.#closed = Promise.all(this.#servers.map(untilClosed));
    this.#options = options;
    this.#occasional = new OccasionalLog(log, () => clock.monotonic());
    this.#shared = {
      limits,
      clock,
      log,
      flusher: new Flusher(),
      pacer: new Pacer(clock),
      kernelQueues: new KernelQueues(),
      keepalive: new Keepalive(clock),
      onClosed: (connection) => this.#forget(connection),
    };
    this.#gate = new ProxyGate({
      clock,
      isTrusted: options.proxy?.isTrusted ?? (() => false),
      onAdmitted: (socket, address) => this.#accept(socket, address),
      onRefused: (why, address) => this.#occasional.warn(`connection refused: ${why}`, { address }),
    });
    this.#serve(server, (socket) => this.#accept(socket, remoteAddressOf(socket)));
    if (proxy !== undefined) this.#serve(proxy, (socket) => this.#gate.enter(socket));
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Takes no new connections from now on; those that are there stay. */
  stopAccepting(): void {
    for (const server of this.#servers) if (server.listening) server.close();
    this.#gate.close();
  }

  /** Stops accepting, ends all connections (what is queued is sent first) and waits until they are gone. */
  async close(): Promise<void> {
    this.stopAccepting();
    for (const connection of this.#connections) connection.end();
    await this.#closed;
    this.#shared.keepalive.close();
    this.#shared.pacer.close();
  }

  /** As `close`, but at once: what is queued is lost. */
  async destroy(): Promise<void> {
    const closed = this.close();
    for (const connection of this.#connections) connection.destroy();
    await closed;
  }

  #serve(server: Server, enter: (socket: Socket) => void): void {
    // Above the limit Node closes a connection before it makes an object for it.
    server.maxConnections = this.#options.limits.connections;
    server.on('drop', () => this.#warnFull());
    server.on('connection', (socket: Socket) => {
      // Together, the two listeners have no more than one may.
      if (this.#connections.size + this.#gate.size < this.#options.limits.connections) return enter(socket);
      this.#warnFull();
      drop(socket);
    });
    // Out of descriptors: libuv mostly closes the newcomers itself (it keeps one descriptor for that); what it does
    // report is worth a line, not an end.
    server.on('error', (error: NodeJS.ErrnoException) =>
      this.#occasional.warn('accepting a connection failed', { code: error.code ?? 'UNKNOWN' }),
    );
  }

  #warnFull(): void {
    this.#occasional.warn('connection refused: this node has as many as it may have');
  }

  #accept(socket: Socket, address: string): void {
    if (!isLoopback(address) && this.#perAddress.of(address) >= this.#options.limits.connectionsPerAddress) {
      this.#occasional.warn('connection refused: its address has as many as it may have', { address });
      drop(socket);
      return;
    }
    this.#lastId += 1;
    const connection = new Connection(socket, { id: this.#lastId, address }, this.#shared);
    this.#connections.add(connection);
    this.#perAddress.add(address);
    connection.open(this.#options.openConnection);
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection);
    this.#perAddress.remove(connection.remoteAddress);
  }
}

function drop(socket: Socket): void {
  socket.on('error', () => {});
  socket.destroy();
}

/** Not `once` of node:events, which takes the first 'error' for the end. */
async function untilClosed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.once('close', resolve);
  });
}
