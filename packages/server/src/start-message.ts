import path from 'node:path';
import { type Config, formatHostPort, type HostPort } from './config.ts';

/** What is known once the server runs. */
export interface Started {
  readonly version: string;
  /** The port that was bound, and the host as it was asked for. */
  readonly listen: HostPort;
  readonly proxyPort: number | undefined;
  readonly httpPort: number | undefined;
  /** Started from the sources of a clone. */
  readonly isClone: boolean;
}

/** Where the client goes by itself. */
const CLIENT_DEFAULT = '127.0.0.1:6000';

/** What a person sees who starts a server: how to connect, where the data is, how to stop. */
export function startMessage({ store, listenProxy, http }: Config, started: Started): string {
  const at = formatHostPort(started.listen);
  const lines = [
    `parleyd ${started.version} is ready on ${at}`,
    '',
    `  chat      ${clientCommand(started)}`,
    `  data      ${store.kind === 'sqlite' ? path.dirname(store.file) : 'MySQL'}`,
  ];
  if (listenProxy !== undefined && started.proxyPort !== undefined) {
    lines.push(
      `  proxies   ${formatHostPort({ host: listenProxy.host, port: started.proxyPort })} (PROXY header required)`,
    );
  }
  if (http !== undefined && started.httpPort !== undefined) {
    lines.push(`  health    http://${formatHostPort({ host: http.host, port: started.httpPort })}/readyz`);
  }
  lines.push('  stop      Ctrl-C');
  return `${lines.join('\n')}\n`;
}

function clientCommand({ listen, isClone }: Started): string {
  const { host, port } = { host: reachable(listen.host), port: listen.port };
  const isDefault = formatHostPort({ host, port }) === CLIENT_DEFAULT;
  const program = isClone ? 'npm run -s chat' : 'parley';
  if (isDefault) return program;
  return `${program}${isClone ? ' --' : ''} ${host} ${port}`;
}

/** All addresses of a machine are reached, from itself, by loopback. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}
