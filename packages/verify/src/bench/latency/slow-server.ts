// A server of its own process whose every commit takes `BENCH_COMMIT_DELAY_MS` longer: what a slow disk would do. The
// store has a switch for that; no setting of the server reaches it, so this puts the server together from its sources.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { SERVER } from '../places.ts';

/** Of the server's parts no more than what is used here: verify looks at the server from outside. */
interface ServerParts {
  readonly readCommand: (from: object) => { readonly config: { readonly store: { readonly file: string } } };
  readonly openSqliteStore: (options: { file: string; commitDelayMs: number }) => Promise<AsyncClosable>;
  readonly composeServer: (config: object, overrides: { store: AsyncClosable }) => Promise<AsyncClosable>;
}

interface AsyncClosable {
  close(): Promise<void>;
}

const { readCommand, openSqliteStore, composeServer } = await loadParts();
const { config } = readCommand({ argv: ['serve'], env: process.env, isTerminal: false });
const commitDelayMs = Number(process.env['BENCH_COMMIT_DELAY_MS']);
const store = await openSqliteStore({ file: config.store.file, commitDelayMs });
const server = await composeServer(config, { store });
await new Promise((resolve) => process.once('SIGTERM', resolve));
await server.close();
await store.close();
process.exit(0);

async function loadParts(): Promise<ServerParts> {
  const files = ['config.ts', 'compose.ts', 'store/sqlite/sqlite-store.ts'];
  const modules = await Promise.all(
    files.map((file) => import(pathToFileURL(path.join(path.dirname(SERVER), file)).href) as Promise<object>),
  );
  return Object.assign({}, ...modules) as ServerParts;
}
