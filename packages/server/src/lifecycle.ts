import { composeServer } from './compose.ts';
import { type Config, unknownVariables } from './config.ts';
import { createLog, type Logger } from './observe/log.ts';
import type { RunningServer } from './running-server.ts';
import { EXIT } from './start-error.ts';
import { startMessage } from './start-message.ts';
import { firstStopSignal } from './stop-signals.ts';
import { version } from './version.ts';

/** Files that the server makes are for its own user: they hold everybody's messages. */
const UMASK = 0o077;

/** How long closing may take once clients are gone, in milliseconds; a disk that hangs must not hold the process. */
const CLOSE_MS = 5_000;

/**
 * Runs a server until SIGTERM or SIGINT, and returns what to exit with: 0, also when clients had to be cut off at the
 * deadline (nothing that was acknowledged is lost by that).
 * @throws StartError when it cannot start
 */
export async function serve(config: Config): Promise<number> {
  process.umask(UMASK);
  const log = createLog(config.logLevel);
  endOnMistakes(log);
  for (const code of unknownVariables(process.env)) log.warn({ code }, 'no setting of the server has this variable');
  const asked = firstStopSignal(log);
  const server = await composeServer(config, { log });
  announce(config, server);
  log.info({ address: server.address, port: server.port }, 'ready');
  const signal = await asked;
  log.info({ code: signal }, 'stopping');
  await stop(server, config, log);
  log.info({}, 'stopped');
  return 0;
}

/** State that a mistake has left behind cannot be trusted: the process ends, and clients come back to a fresh one. */
function endOnMistakes(log: Logger): void {
  process.on('uncaughtException', (error) => {
    log.error({ err: error }, 'a mistake of the server: ending');
    process.exit(EXIT.mistake);
  });
}

function announce(config: Config, server: RunningServer): void {
  // A closed pipe or terminal is no reason to stop.
  process.stdout.on('error', () => {});
  const listen = { host: config.listen.host, port: server.port };
  const isClone = import.meta.filename.endsWith('.ts');
  const { proxyPort, httpPort } = server;
  process.stdout.write(startMessage(config, { version: version(), listen, proxyPort, httpPort, isClone }));
}

async function stop(server: RunningServer, { drainMs }: Config, log: Logger): Promise<void> {
  const drained = await within(drainMs, server.drain());
  if (!drained) log.warn({ ms: drainMs }, 'clients were cut off: draining took too long');
  const closed = await within(CLOSE_MS, server.close());
  if (!closed) log.error({ ms: CLOSE_MS }, 'closing took too long: ending without');
}

/** Whether `work` was done in time. What goes wrong with it afterwards no longer matters. */
async function within(ms: number, work: Promise<void>): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), ms);
  try {
    return await Promise.race([promise, work.then(() => true)]);
  } finally {
    clearTimeout(timer);
  }
}
