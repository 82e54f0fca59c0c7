import path from 'node:path';
import type { Cluster } from './cluster.ts';
import { DEFAULT_FOLDER } from './options.ts';

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
    `  stop      ${isDetached ? stopCommand(folder) : 'Ctrl-C'}`,
    '',
  ].join('\n');
}

/** What ends the cluster that is kept in a folder, for a shell. */
export function stopCommand(folder: string): string {
  const command = 'npm run cluster -- stop';
  if (folder === path.resolve(DEFAULT_FOLDER)) return command;
  const isPlain = /^[\w./-]+$/.test(folder);
  return `${command} --folder ${isPlain ? folder : `'${folder.replaceAll("'", String.raw`'\''`)}'`}`;
}
