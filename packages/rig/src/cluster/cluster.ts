import path from 'node:path';
import { givenServer } from '../given-server.ts';
import { freePort, isFree } from '../probe.ts';
import type { ServerProcess } from '../server-process.ts';
import { type Flavour, startMysql } from '../start-mysql.ts';
import { startNginx } from '../start-nginx.ts';
import { startRedis } from '../start-redis.ts';
import { HEALTH_ABOVE, startClusterNode } from './start-node.ts';

/** What a cluster is made of. */
export interface ClusterOptions {
  /** Holds everything that its servers write; used again if it is there. */
  readonly folder: string;
  readonly flavour: Flavour;
  /** A port for clients of each node. The port above is where it requires the PROXY header. Left out: free ones. */
  readonly nodePorts?: readonly number[];
  /** How many nodes, when their ports are left out (2). */
  readonly nodeCount?: number;
  /** nginx's; left out: any that is free. */
  readonly port?: number;
  /** The server's program. */
  readonly program?: string;
  /** More settings for the nodes, as environment variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Told what is being done, a line each. */
  readonly onProgress?: (line: string) => void;
}

/** Tries to find free ports. */
const TRIES = 200;

const SERVER = path.resolve(import.meta.dirname, '../../../server/src/main.ts');

/** A database, Redis, nodes and nginx, all on this machine. */
export class Cluster implements AsyncDisposable {
  /** Where clients connect. */
  readonly port: number;
  readonly nginx: ServerProcess;
  readonly nodes: readonly ServerProcess[];
  /** Undefined when somebody else's is used. */
  readonly database: ServerProcess | undefined;
  readonly redis: ServerProcess | undefined;
  readonly #opened: AsyncDisposableStack;

  /** Use `startCluster`. */
  constructor(parts: Pick<Cluster, 'nginx' | 'nodes' | 'database' | 'redis'>, opened: AsyncDisposableStack) {
    this.port = parts.nginx.port;
    this.nginx = parts.nginx;
    this.nodes = parts.nodes;
    this.database = parts.database;
    this.redis = parts.redis;
    this.#opened = opened;
  }

  /** All that was started, in the order of the start. */
  get servers(): readonly ServerProcess[] {
    return [this.database, this.redis, ...this.nodes, this.nginx].filter((server) => server !== undefined);
  }

  /** Stops what it started, in reverse order: clients are told, what was taken is settled. */
  async stop(): Promise<void> {
    await this.#opened.disposeAsync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/**
 * Starts a cluster and waits until all of it serves.
 * @throws Error with one sentence, when a part cannot be had or does not start; the others are stopped again then
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  await assertFree(options);
  await using opened = new AsyncDisposableStack();
  const tell = options.onProgress ?? (() => {});
  const [database, redis] = await together(opened, [() => startDatabase(options), () => startBus(options)]);
  tell(`${database?.name ?? 'your database'} and ${redis?.name ?? 'your Redis'} are ready`);
  const ports = options.nodePorts ?? (await freePairs(options.nodeCount ?? 2));
  const urls = {
    storeUrl: givenServer(options.flavour) ?? database?.url ?? '',
    busUrl: givenServer('redis') ?? redis?.url ?? '',
  };
  const starts = ports.map((port) => () => {
    const folder = path.join(options.folder, `node-${port}`);
    const { program = SERVER, env = {} } = options;
    return startClusterNode({ program, env, folder, port, proxyPort: port + 1, ...urls });
  });
  const nodes = (await together(opened, starts)).filter((node) => node !== undefined);
  tell(`${nodes.length} nodes are ready`);
  const nginx = opened.use(await startFront(options, ports));
  tell(`${nginx.name} is ready`);
  return new Cluster({ nginx, nodes, database, redis }, opened.move());
}

/** Before anything is started: what comes up last would find out last. */
async function assertFree({ port, nodePorts = [] }: ClusterOptions): Promise<void> {
  const wanted = [...(port === undefined ? [] : [port]), ...nodePorts.flatMap((nodePort) => [nodePort, nodePort + 1])];
  for (const each of wanted) {
    if (await isFree(each)) continue;
    const option = each === port ? '--port' : '--node-port';
    throw new Error(`127.0.0.1:${each} is taken by another program (${option} chooses another)`);
  }
}

type Start = () => Promise<ServerProcess | undefined>;

/**
 * Starts several at once; they will be stopped at once, too, also those that started when another one failed.
 * @throws what the first that failed threw
 */
async function together(
  opened: AsyncDisposableStack,
  starts: readonly Start[],
): Promise<(ServerProcess | undefined)[]> {
  const outcomes = await Promise.allSettled(starts.map(async (start) => start()));
  const started = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : undefined));
  opened.defer(async () => {
    await Promise.all(started.map(async (server) => server?.stop()));
  });
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return started;
}

async function startDatabase({ flavour, folder }: ClusterOptions): Promise<ServerProcess | undefined> {
  if (givenServer(flavour) !== undefined) return undefined;
  return startMysql({ flavour, folder: path.join(folder, flavour) });
}

async function startBus({ folder }: ClusterOptions): Promise<ServerProcess | undefined> {
  if (givenServer('redis') !== undefined) return undefined;
  return startRedis({ folder: path.join(folder, 'redis') });
}

async function startFront({ folder, port }: ClusterOptions, ports: readonly number[]): Promise<ServerProcess> {
  const nodes = ports.map((nodePort) => nodePort + 1);
  return startNginx({ folder: path.join(folder, 'nginx'), nodes, ...(port === undefined ? {} : { port }) });
}

/** Ports with a free one above each, for proxies, and one 80 above, for health. */
async function freePairs(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let attempt = 0; attempt < TRIES && ports.length < count; attempt += 1) {
    const port = await freePort();
    const isApart = ports.every((other) => Math.abs(other - port) > HEALTH_ABOVE + 1);
    if (isApart && (await isFree(port + 1)) && (await isFree(port + HEALTH_ABOVE))) ports.push(port);
  }
  if (ports.length < count) throw new Error('no two free ports side by side');
  return ports;
}
