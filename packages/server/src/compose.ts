import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { LIMITS } from '@parley/protocol';
import { createLocalBus } from './bus/local-bus.ts';
import { type Chat, createChat } from './chat/chat.ts';
import type { Bus, Clock, Guesses, Journal, PasswordHasher, Random, Store, Whereabouts } from './chat/ports/index.ts';
import type { Config, HostPort } from './config.ts';
import { createDelivery, type Delivery } from './delivery/engine.ts';
import { explainStart } from './explain-start.ts';
import { openHealth } from './http/health.ts';
import { withinRanges } from './net/address-ranges.ts';
import { assertListenable } from './net/listen-error.ts';
import { type Listener, openListener } from './net/listener.ts';
import type { NetLimits } from './net/net-limits.ts';
import { nodeMetrics } from './node-metrics.ts';
import { createLog, type Logger } from './observe/log.ts';
import { type Doors, type Readiness, RunningServer } from './running-server.ts';
import { createSessionLayer, type SessionLayer } from './session/session-layer.ts';
import { EXIT, StartError } from './start-error.ts';
import { openDataFolder } from './store/data-folder.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';
import { Argon2Hasher } from './system/argon2-hasher.ts';
import { descriptorLimit } from './system/descriptor-limit.ts';
import { SYSTEM_CLOCK } from './system/system-clock.ts';
import { createSystemRandom } from './system/system-random.ts';
import { version } from './version.ts';

/** Parts that a test puts in place of the real ones; it closes them itself. */
export interface Overrides {
  readonly store?: Store;
  readonly bus?: Bus;
  readonly journal?: Journal;
  readonly whereabouts?: Whereabouts;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly hasher?: PasswordHasher;
  readonly log?: Logger;
}

/** What one node has by itself. */
interface Own {
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: PasswordHasher;
  readonly log: Logger;
}

/** What all nodes of a deployment share. */
interface Shared {
  readonly store: Store;
  readonly bus: Bus;
  /** Undefined where this node is the only one. */
  readonly journal?: Journal | undefined;
  readonly whereabouts?: Whereabouts | undefined;
  readonly guesses?: Guesses | undefined;
}

/** Everything that the sessions stand on. */
interface Parts extends Own, Shared {
  readonly delivery: Delivery;
}

/** Descriptors kept for the store, the log, health and the rest of Node.js (about forty are open at the start). */
const RESERVED_DESCRIPTORS = 96;

/** How long an ended connection may take to send its rest, in milliseconds. */
const END_MS = 5_000;

/**
 * Puts a server together and starts it: data folder, store, bus, delivery, sessions, health, and last the listener,
 * so that nobody is let in before everything is ready. When one fails, those before it are closed again.
 * @throws StartError with one sentence and an exit code
 */
export async function composeServer(config: Config, overrides: Overrides = {}): Promise<RunningServer> {
  await using opened = new AsyncDisposableStack();
  try {
    await assertPorts(config);
    const parts = await openParts(config, overrides, opened);
    const sessions = openSessions(config, parts, opened);
    const doors = await openDoors(config, { parts, sessions }, opened);
    return new RunningServer({ ...doors, parts, sessions: sessions.layer, opened: opened.move() });
  } catch (error) {
    throw explainStart(error, config);
  }
}

/** Before the data is touched: a start that cannot come to anything leaves everything as it was. [OPS-2] */
async function assertPorts({ listen, listenProxy, http }: Config): Promise<void> {
  await assertListenable(listen.host, listen.port);
  if (listenProxy !== undefined) await assertSecond(listenProxy, 'for proxies', '(--listen-proxy HOST:PORT, or off)');
  if (http !== undefined) await assertSecond(http, 'for health checks', '(--http HOST:PORT, or --http off)');
}

async function assertSecond({ host, port }: HostPort, purpose: string, hint: string): Promise<void> {
  try {
    await assertListenable(host, port);
  } catch (error) {
    throw new StartError(`${purpose} ${(error as Error).message} ${hint}`, EXIT.unavailable, { cause: error });
  }
}

async function openParts(config: Config, given: Overrides, opened: AsyncDisposableStack): Promise<Parts> {
  const own: Own = {
    clock: given.clock ?? SYSTEM_CLOCK,
    log: given.log ?? createLog(config.logLevel),
    random: given.random ?? createSystemRandom(),
    hasher: given.hasher ?? new Argon2Hasher({ concurrency: config.hashConcurrency, queue: config.hashQueue }),
  };
  const shared = await openShared(config, { ...own, given }, opened);
  const delivery = createDelivery({ ...own, ...shared });
  opened.defer(() => delivery.drain());
  await delivery.start();
  return { ...own, ...shared, delivery };
}

/** The rules, and those who ask. */
interface Sessions {
  readonly chat: Chat;
  readonly layer: SessionLayer;
}

function openSessions(config: Config, parts: Parts, opened: AsyncDisposableStack): Sessions {
  const { loginFailures } = config;
  const onError = (err: unknown): void => parts.log.warn({ err }, 'something that can wait could not be stored');
  const chat = createChat({ ...parts, loginFailures, onError });
  const layer = createSessionLayer({ ...parts, chat, settings: { ...config, release: version() } });
  opened.defer(() => layer.close());
  return { chat, layer };
}

/** The drivers of a cluster are loaded only where there is one: they cost a tenth of a second, and memory. */
async function openShared(
  config: Config,
  own: Own & { readonly given: Overrides },
  opened: AsyncDisposableStack,
): Promise<Shared> {
  const { given } = own;
  const found: Shared =
    given.store === undefined
      ? await openStore(config, own, opened)
      : { store: given.store, bus: given.bus ?? openLocalBus(opened) };
  return { ...found, ...given };
}

async function openStore({ store, bus }: Config, own: Own, opened: AsyncDisposableStack): Promise<Shared> {
  if (store.kind === 'sqlite') {
    return { store: await openEmbedded(store.file, opened), bus: openLocalBus(opened) };
  }
  const { openMysqlStore } = await import('./store/mysql/mysql-store.ts');
  const opening = await openMysqlStore({ url: store.url });
  opened.defer(() => opening.close());
  if (bus.kind === 'local') return { store: opening, journal: opening, bus: openLocalBus(opened) };
  const { openRedis } = await import('./bus/redis/open-redis.ts');
  const deployment = await opening.deployment();
  const redis = openRedis({ ...own, url: bus.url, deployment, bootId: randomUUID() });
  opened.defer(() => redis.close());
  return { store: opening, journal: opening, bus: redis.bus, whereabouts: redis.whereabouts, guesses: redis.guesses };
}

async function openEmbedded(file: string, opened: AsyncDisposableStack): Promise<Store> {
  const folder = openDataFolder(path.dirname(file));
  opened.defer(() => folder.release());
  const opening = await openSqliteStore({ file });
  opened.defer(() => opening.close());
  return opening;
}

function openLocalBus(opened: AsyncDisposableStack): Bus {
  const bus = createLocalBus().join();
  opened.defer(() => bus.close());
  return bus;
}

async function openDoors(
  config: Config,
  { parts, sessions }: { parts: Parts; sessions: Sessions },
  opened: AsyncDisposableStack,
): Promise<Doors> {
  const readiness: Readiness = { isReady: false };
  let listener: Listener | undefined;
  const metrics = nodeMetrics({
    release: version(),
    connections: () => listener?.connectionCount ?? 0,
    sessions: sessions.layer.registry,
    usersHere: () => sessions.chat.presence.hereCount,
    delivery: parts.delivery,
    isBusUp: () => parts.bus.isUp,
    busDropped: () => parts.bus.dropped ?? 0,
  });
  const isReady = (): boolean => readiness.isReady && !parts.delivery.isCutOff;
  const health = config.http && (await openHealth({ ...config.http, isReady, metrics }));
  opened.defer(() => health?.close());
  const { listenProxy } = config;
  listener = await openListener({
    ...config.listen,
    proxy: listenProxy && { ...listenProxy, isTrusted: withinRanges(config.trustedProxies) },
    openConnection: sessions.layer.open,
    limits: netLimits(config, parts.log),
    clock: parts.clock,
    log: parts.log,
  });
  opened.defer(listener.destroy.bind(listener));
  readiness.isReady = true;
  return { listener, health, readiness };
}

function netLimits(config: Config, log: Logger): NetLimits {
  const descriptors = descriptorLimit() ?? Number.POSITIVE_INFINITY;
  const room = Math.max(1, descriptors - RESERVED_DESCRIPTORS);
  if (room < config.maxConnections) {
    log.info({ count: room }, 'the limit of open files allows fewer connections than the settings');
  }
  return {
    frameBytes: LIMITS.frameBytes,
    queueBytes: config.queueBytes,
    connections: Math.min(config.maxConnections, room),
    connectionsPerAddress: config.maxConnectionsPerAddress,
    stuckMs: config.stuckMs,
    endMs: END_MS,
  };
}
