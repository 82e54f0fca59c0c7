import type { Cluster } from './cluster.ts';

/** What a person sees who started a cluster. Without passwords: those are in the folder. */
export function clusterMessage(
  cluster: Cluster,
  { folder, isDetached }: { folder: string; isDetached: boolean },
): string {
  const nodes = cluster.nodes.map(({ port, pid }) => `  node      127.0.0.1:${port}, process ${pid}`);
  const others = [cluster.database, cluster.redis]
    .filter((server) => server !== undefined)
    .map(({ name, port, pid }) => `  ${name.split(' ')[0]?.padEnd(9)} 127.0.0.1:${port}, process ${pid}`);
  return [
    `the cluster is ready on 127.0.0.1:${cluster.port} (${cluster.nginx.name})`,
    '',
    `  chat      npm run -s chat -- 127.0.0.1 ${cluster.port}`,
    ...nodes,
    ...others,
    `  data      ${folder}`,
    `  stop      ${isDetached ? 'npm run cluster -- stop' : 'Ctrl-C'}`,
    '',
  ].join('\n');
}
