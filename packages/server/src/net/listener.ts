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
import { isLoopback, remoteAddressOf } from './remote-address.ts';

export interface ListenOptions {
  /** A name or address; `::` and `0.0.0.0` are all addresses of this machine. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
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
  const server = net.createServer({
    allowHalfOpen: true,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEPALIVE_MS,
    highWaterMark: SOCKET_BUFFER_BYTES,
  });
  await listen(server, options);
  return new Listener(server, options);
}

async function listen(server: Server, { host, port }: ListenOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host, port, backlog: BACKLOG }, resolve);
  try {
    await promise;
  } catch (error) {
    throw await listenError(error as NodeJS.ErrnoException, { host, port });
  }
  server.off('error', reject);
}

/** Accepts connections within its limits and keeps them until they end. [LIMIT-1] */
export class Listener {
  readonly address: string;
  readonly port: number;
  readonly #server: Server;
  readonly #options: ListenOptions;
  readonly #shared: ConnectionShared;
  readonly #occasional: OccasionalLog;
  readonly #connections = new Set<Connection>();
  readonly #perAddress = new AddressCounts();
  readonly #serverClosed = Promise.withResolvers<void>();
  #lastId = 0;

  constructor(server: Server, options: ListenOptions) {
    const { limits, clock, log } = options;
    const bound = server.address() as net.AddressInfo;
    this.address = bound.address;
    this.port = bound.port;
    this.#server = server;
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
    this.#serve();
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Takes no new connections from now on; those that are there stay. */
  stopAccepting(): void {
    if (this.#server.listening) this.#server.close(() => this.#serverClosed.resolve());
  }

  /** Stops accepting, ends all connections (what is queued is sent first) and waits until they are gone. */
  async close(): Promise<void> {
    this.stopAccepting();
    for (const connection of this.#connections) connection.end();
    await this.#serverClosed.promise;
    this.#shared.keepalive.close();
    this.#shared.pacer.close();
  }

  /** As `close`, but at once: what is queued is lost. */
  async destroy(): Promise<void> {
    const closed = this.close();
    for (const connection of this.#connections) connection.destroy();
    await closed;
  }

  #serve(): void {
    // Above the limit Node closes a connection before it makes an object for it.
    this.#server.maxConnections = this.#options.limits.connections;
    this.#server.on('drop', () => this.#occasional.warn('connection refused: this node has as many as it may have'));
    this.#server.on('connection', (socket: Socket) => this.#accept(socket));
    // Out of descriptors: libuv mostly closes the newcomers itself (it keeps one descriptor for that); what it does
    // report is worth a line, not an end.
    this.#server.on('error', (error: NodeJS.ErrnoException) =>
      this.#occasional.warn('accepting a connection failed', { code: error.code ?? 'UNKNOWN' }),
    );
  }

  #accept(socket: Socket): void {
    const address = remoteAddressOf(socket);
    if (!isLoopback(address) && this.#perAddress.of(address) >= this.#options.limits.connectionsPerAddress) {
      this.#occasional.warn('connection refused: its address has as many as it may have', { address });
      socket.on('error', () => {});
      socket.destroy();
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
