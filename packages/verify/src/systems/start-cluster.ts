import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { type Flavour, freePort, type ServerProcess, startMysql, startNginx, startRedis } from '@parley/rig';
import { Leftovers } from './leftovers.ts';
import { NodeClock } from './node-clock.ts';
import { ProcessNode } from './process-node.ts';
import { readMysql } from './read-mysql.ts';
import { SERVER, SERVER_ENV } from './server.ts';
import { mountOrSay, SmallDisk } from './small-disk.ts';
import type { FaultyServer, System } from './system.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** What a cluster is made of. */
export interface ClusterPlan {
  readonly folder: string;
  readonly flavour: Flavour;
  readonly nodes: number;
  /** Its database lies in memory, in at most so many megabytes, so that its disk can be full. */
  readonly diskMegabytes?: number;
  readonly onProgress: (line: string) => void;
  /** Asked between the steps of the start: it is not wanted any more. */
  readonly signal?: AbortSignal;
  readonly leftovers?: Leftovers;
}

/**
 * A cluster as `npm run cluster` makes one, but each node has its own way to the database and to Redis through a proxy of
 * ours, and a clock of its own.
 */
export async function startBreakableCluster(plan: ClusterPlan): Promise<System> {
  const { folder, flavour, onProgress, signal, leftovers = new Leftovers() } = plan;
  const keep = <T extends ServerProcess | ProcessNode>(process: T): T => {
    leftovers.process(process);
    opened.use(process);
    signal?.throwIfAborted();
    return process;
  };
  await using opened = new AsyncDisposableStack();
  const data = path.join(folder, flavour);
  const disk = await diskAt(data, plan);
  if (disk instanceof SmallDisk) opened.use(leftovers.place(data, `umount ${data}`));
  if (disk instanceof SmallDisk) opened.use(disk);
  const database = keep(await startMysql({ flavour, folder: data }));
  const redis = keep(await startRedis({ folder: path.join(folder, 'redis') }));
  onProgress(`${database.name} and ${redis.name} are ready`);
  const nodes: ProcessNode[] = [];
  const proxyPorts: number[] = [];
  for (let number = 1; number <= plan.nodes; number += 1) {
    const proxyPort = await freePort();
    nodes.push(keep(await startNode(number, { folder, proxyPort, database, redis, opened })));
    proxyPorts.push(proxyPort);
  }
  const nginx = keep(await startNginx({ folder: path.join(folder, 'nginx'), nodes: proxyPorts }));
  onProgress(`${nodes.length} nodes and ${nginx.name} are ready`);
  const stack = opened.move();
  return {
    store: flavour,
    // Half of all connections go through nginx, so that each node is met in both ways.
    endpoints: [...nodes.map(() => ({ name: 'nginx', port: nginx.port })), ...nodes],
    asked: nodes,
    nodes,
    database: faulty(database),
    redis: faulty(redis),
    nginx: faulty(nginx),
    disk,
    heal: () => heal({ nodes, servers: [database, redis, nginx], disk }),
    isOurs: true,
    readDatabase: (sink, only) => readMysql(database.url, sink, only),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

async function diskAt(data: string, { diskMegabytes }: ClusterPlan): Promise<SmallDisk | string> {
  await mkdir(data, { recursive: true });
  return diskMegabytes === undefined ? 'its data lie on a real disk' : mountOrSay(data, diskMegabytes);
}

interface Neighbours {
  readonly folder: string;
  readonly proxyPort: number;
  readonly database: ServerProcess;
  readonly redis: ServerProcess;
  readonly opened: AsyncDisposableStack;
}

async function startNode(number: number, around: Neighbours): Promise<ProcessNode> {
  const { folder, proxyPort, database, redis, opened } = around;
  const storePath = opened.use(await TcpProxy.open(database.port));
  const busPath = opened.use(await TcpProxy.open(redis.port));
  const place = path.join(folder, `node${number}`);
  await mkdir(place, { recursive: true });
  const env = {
    ...SERVER_ENV,
    PARLEY_STORE: through(database.url, storePath),
    PARLEY_BUS: through(redis.url, busPath),
    PARLEY_LISTEN_PROXY: `127.0.0.1:${proxyPort}`,
  };
  const options = { program: SERVER, folder: place, port: await freePort(), env };
  return ProcessNode.start({ name: `node${number}`, options, clock: new NodeClock(place), storePath, busPath });
}

function through(url: string, proxy: TcpProxy): string {
  const changed = new URL(url);
  changed.port = String(proxy.port);
  return changed.href;
}

function faulty(server: ServerProcess): FaultyServer {
  const name = server.name;
  return {
    name,
    kill: () => server.kill(),
    freeze: () => server.freeze(),
    thaw: () => server.thaw(),
    restart: () => server.restart(),
  };
}

async function heal(parts: {
  readonly nodes: readonly ProcessNode[];
  readonly servers: readonly ServerProcess[];
  readonly disk: SmallDisk | string;
}): Promise<void> {
  if (parts.disk instanceof SmallDisk) await parts.disk.empty();
  for (const server of parts.servers) {
    server.thaw();
    if (!server.isRunning) await server.restart();
  }
  for (const node of parts.nodes) {
    await node.setClock(0);
    node.storePath?.heal();
    node.busPath?.heal();
    node.thaw();
    await node.start();
  }
}
