import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HealthOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Whether new clients should be sent here. */
  readonly isReady: () => boolean;
}

/** Health is asked for by a balancer and a few people; more connections than that are somebody's mistake. */
const MAX_CONNECTIONS = 32;
const REQUEST_MS = 5_000;

/**
 * Serves `GET /healthz` (200 while the process works) and `GET /readyz` (503 while it must get no new clients).
 * @throws the system's error when the address cannot be had
 */
export async function openHealth(options: HealthOptions): Promise<HealthServer> {
  const server = http.createServer(
    { headersTimeout: REQUEST_MS, requestTimeout: REQUEST_MS, keepAliveTimeout: REQUEST_MS },
    (request, response) => answer(request, response, options.isReady),
  );
  server.maxConnections = MAX_CONNECTIONS;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ host: options.host, port: options.port }, resolve);
  await promise;
  // What goes wrong with one probe's connection is no reason to end the server.
  server.off('error', reject).on('error', () => {});
  return new HealthServer(server);
}

/** The server of the probes, listening already. Its `port` is the real one, also when 0 was asked for. */
export class HealthServer {
  readonly port: number;
  readonly #server: Server;

  constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
  }

  /** Ends at once; a probe under way is cut off. */
  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }
}

function answer(request: IncomingMessage, response: ServerResponse, isReady: () => boolean): void {
  const path = request.url?.split('?')[0];
  if (request.method !== 'GET' && request.method !== 'HEAD') say(response, 405, 'only GET');
  else if (path === '/healthz') say(response, 200, 'ok');
  else if (path === '/readyz') say(response, isReady() ? 200 : 503, isReady() ? 'ready' : 'draining');
  else say(response, 404, 'only /healthz and /readyz');
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(`${text}\n`);
}
