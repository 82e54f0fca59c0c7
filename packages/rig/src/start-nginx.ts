import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort } from './probe.ts';
import { findProgram, type Program } from './programs.ts';
import { ServerProcess } from './server-process.ts';
import type { Place } from './start-redis.ts';

/** Where to listen, and for whom. */
export interface NginxOptions extends Place {
  /** Ports on 127.0.0.1 where nodes require the PROXY header. */
  readonly nodes: readonly number[];
}

const DEPLOY = path.resolve(import.meta.dirname, '../../../deploy');
const MODULE = 'ngx_stream_module.so';

/**
 * Starts a private nginx on 127.0.0.1 with the repository's own deploy/nginx.conf.
 * @throws Error when there is none to be had, or it does not start
 */
export async function startNginx({ folder, port, nodes }: NginxOptions): Promise<ServerProcess> {
  const program = await findProgram('nginx');
  const place = path.resolve(folder);
  const listen = port ?? (await freePort());
  await mkdir(path.join(place, 'modules-enabled'), { recursive: true, mode: 0o700 });
  await rm(path.join(place, 'nginx.conf'), { force: true });
  await symlink(path.join(DEPLOY, 'nginx.conf'), path.join(place, 'nginx.conf'));
  await writeFile(path.join(place, 'modules-enabled/stream.conf'), streamModule(program));
  await writeFile(path.join(place, 'listen.conf'), listenLine(listen));
  await writeFile(path.join(place, 'nodes.conf'), nodeLines(nodes));
  const pidFile = path.join(place, 'nginx.pid');
  await rm(pidFile, { force: true });
  const options = ['-p', `${place}/`, '-c', path.join(place, 'nginx.conf'), '-e', 'stderr'];
  return ServerProcess.start({
    name: `nginx ${program.version}`,
    command: [...program.command, ...options, '-g', `daemon off; pid ${pidFile};`],
    folder: place,
    port: listen,
    url: `127.0.0.1:${listen}`,
    // Written when it listens; to connect would be a client's connection for some node.
    isReady: async (pid) => existsSync(pidFile) && Number(readFileSync(pidFile, 'utf8')) === pid,
  });
}

/** What deploy/listen.conf says, for this port. */
export function listenLine(port: number): string {
  return `listen 127.0.0.1:${port} so_keepalive=60s:1s:10 backlog=4096;\n`;
}

/** What deploy/nodes.conf says, for these ports. */
export function nodeLines(ports: readonly number[]): string {
  return ports.map((port) => `server 127.0.0.1:${port} max_fails=1 fail_timeout=2s;\n`).join('');
}

/** Nothing where it is built in. */
function streamModule({ about, prefix }: Program): string {
  if (!about.includes('--with-stream=dynamic')) return '';
  const built = /--modules-path=(\S+)/.exec(about)?.[1] ?? '';
  const file = [path.join(prefix, 'lib/nginx/modules'), built]
    .map((modules) => path.join(modules, MODULE))
    .find((candidate) => existsSync(candidate));
  if (file === undefined) throw new Error(`nginx has no ${MODULE}: install libnginx-mod-stream`);
  return `load_module ${file};\n`;
}
