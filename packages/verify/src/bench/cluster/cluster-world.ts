import { existsSync, readFileSync } from 'node:fs';
import type { Cluster, Flavour } from '@parley/rig';

/** A cluster with people. */
export interface ClusterWorld {
  readonly flavour: Flavour;
  readonly cluster: Cluster;
  /** Where each node takes clients. */
  readonly nodes: readonly number[];
  /** What each user resumes with, by number. */
  readonly tokens: Map<number, string>;
}

/** For those who connect. */
export function tokenIn({ tokens }: ClusterWorld): (user: number) => string {
  return (user) => tokens.get(user) as string;
}

/** The processes of each part. */
export function partsOf({ cluster }: ClusterWorld): Record<string, readonly number[]> {
  const { nodes, database, redis, nginx } = cluster;
  const pidsOf = (server: { readonly pid: number } | undefined) => (server === undefined ? [] : [server.pid]);
  return {
    nodes: nodes.map(({ pid }) => pid),
    database: pidsOf(database),
    Redis: pidsOf(redis),
    // It works in children of the process that was started.
    nginx: childrenOf(nginx.pid),
    'this process': [process.pid],
  };
}

function childrenOf(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ').map(Number) : [];
}
