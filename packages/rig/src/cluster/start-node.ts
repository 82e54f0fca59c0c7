import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { ServerProcess } from '../server-process.ts';

/** One node of a cluster. */
export interface ClusterNodeOptions {
  /** The server's program: a file for Node.js. */
  readonly program: string;
  readonly folder: string;
  readonly port: number;
  /** Where it requires the PROXY header. */
  readonly proxyPort: number;
  readonly storeUrl: string;
  readonly busUrl: string;
  /** More settings. */
  readonly env: Readonly<Record<string, string>>;
}

/** Health is this far above the port for clients: the server's own default. */
export const HEALTH_ABOVE = 80;
const READY = /is ready on /;

/**
 * Starts a node and waits until it serves.
 * @throws Error with what it said when it cannot
 */
export async function startClusterNode(options: ClusterNodeOptions): Promise<ServerProcess> {
  const { program, folder, port } = options;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const conditions = program.endsWith('.ts') ? ['--conditions=@parley/source'] : [];
  return ServerProcess.start({
    name: `node ${port}`,
    command: [
      process.execPath,
      '--max-semi-space-size=16',
      ...conditions,
      path.resolve(program),
      '127.0.0.1',
      String(port),
    ],
    folder,
    port,
    url: `127.0.0.1:${port}`,
    env: environment(options),
    isReady: async (_pid, said) => READY.test(said),
  });
}

/** Addresses with passwords are not for command lines, which everybody can read. */
function environment({ port, proxyPort, storeUrl, busUrl, env }: ClusterNodeOptions): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...inherited } = process.env; // what was meant for us is not meant for a server
  return {
    ...inherited,
    PARLEY_STORE: storeUrl,
    PARLEY_BUS: busUrl,
    PARLEY_LISTEN_PROXY: `127.0.0.1:${proxyPort}`,
    PARLEY_HTTP: `127.0.0.1:${port + HEALTH_ABOVE}`,
    ...env,
  };
}
