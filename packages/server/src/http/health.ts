import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EXPOSITION_TYPE, exposition, type Metric } from '../observe/metrics.ts';

export interface HealthOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Whether new clients should be sent here. */
  readonly isReady: () => boolean;
  readonly metrics: readonly Metric[];
}

/** Health is asked for by a balancer and a few people; more connections than that are somebody's mistake. */
const MAX_CONNECTIONS = 32;
const REQUEST_MS = 5_000;

/**
 * Serves `GET /healthz` (200 while the process works), `GET /readyz` (503 while it must get no new clients) and
 * `GET /metrics` (Prometheus' text format).
 * @throws the system's error when the address cannot be had
 */
export async function openHealth(options: HealthOptions): Promise<HealthServer> {
  const server = http.createServer(
    { headersTimeout: REQUEST_MS, requestTimeout: REQUEST_MS, keepAliveTimeout: REQUEST_MS },
    (request, response) => answer(request, response, options),
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

function answer(request: IncomingMessage, response: ServerResponse, { isReady, metrics }: HealthOptions): void {
  const { status, text, type = 'text/plain; charset=utf-8' } = answerTo(request, isReady, metrics);
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
  response.end(text);
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly type?: string;
}

function answerTo({ method, url }: IncomingMessage, isReady: () => boolean, metrics: readonly Metric[]): Answer {
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, text: 'only GET\n' };
  switch (url?.split('?')[0]) {
    case '/healthz':
      return { status: 200, text: 'ok\n' };
    case '/readyz':
      return isReady() ? { status: 200, text: 'ready\n' } : { status: 503, text: 'not ready\n' };
    case '/metrics':
      return { status: 200, text: exposition(metrics), type: EXPOSITION_TYPE };
    default:
      return { status: 404, text: 'only /healthz, /readyz and /metrics\n' };
  }
}
