import path from 'node:path';
import { LIMITS } from '@parley/protocol';
import { createLocalBus } from './bus/local-bus.ts';
import { type Chat, createChat } from './chat/chat.ts';
import type { Bus, Clock, Journal, PasswordHasher, Random, Store } from './chat/ports/index.ts';
import type { Config, HostPort } from './config.ts';
import { createDelivery, type Delivery } from './delivery/engine.ts';
import { explainStart } from './explain-start.ts';
import { type HealthServer, openHealth } from './http/health.ts';
import { withinRanges } from './net/address-ranges.ts';
import { assertListenable } from './net/listen-error.ts';
import { type Listener, openListener } from './net/listener.ts';
import type { NetLimits } from './net/net-limits.ts';
import { nodeMetrics } from './node-metrics.ts';
import { createLog, type Logger } from './observe/log.ts';
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
  readonly clock?: Clock;
  readonly random?: Random;
  readonly hasher?: PasswordHasher;
  readonly log?: Logger;
}

/** Everything that the sessions stand on. */
interface Parts {
  readonly store: Store;
  readonly delivery: Delivery;
  readonly clock: Clock;
  readonly random: Random;
  readonly bus: Bus;
  readonly hasher: PasswordHasher;
  readonly log: Logger;
}

/** Descriptors kept for the store, the log, health and the rest of Node.js (about forty are open at the start). */
const RESERVED_DESCRIPTORS = 96;

/** How long an ended connection may take to send its rest, in milliseconds. */
const END_MS = 5_000;

/** Clients are told to leave within this time, each at another moment, in milliseconds. */
const GOAWAY_MS = 500;

/** How long the server waits for them to leave by themselves, in milliseconds. */
const LEAVE_MS = 1_000;

/** Looks whether they have left, in milliseconds. */
const LOOK_MS = 20;

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
  const clock = given.clock ?? SYSTEM_CLOCK;
  const log = given.log ?? createLog(config.logLevel);
  const store = given.store ?? (await openStore(config, opened));
  const bus = given.bus ?? createLocalBus().join();
  if (given.bus === undefined) opened.defer(() => bus.close());
  const delivery = createDelivery({ store, bus, journal: given.journal, clock, log });
  opened.defer(() => delivery.drain());
  await delivery.start();
  const random = given.random ?? createSystemRandom();
  const hasher = given.hasher ?? new Argon2Hasher({ concurrency: config.hashConcurrency, queue: config.hashQueue });
  return { store, bus, delivery, clock, random, hasher, log };
}

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

async function openStore({ store }: Config, opened: AsyncDisposableStack): Promise<Store> {
  if (store.kind === 'mysql') throw new StartError('a mysql:// store is not in this release', EXIT.config);
  const folder = openDataFolder(path.dirname(store.file));
  opened.defer(() => folder.release());
  const opening = await openSqliteStore({ file: store.file });
  opened.defer(() => opening.close());
  return opening;
}

interface Doors {
  readonly listener: Listener;
  readonly health: HealthServer | undefined;
  readonly readiness: Readiness;
}

/** Whether new clients should come here. */
interface Readiness {
  isReady: boolean;
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
  });
  const health = config.http && (await openHealth({ ...config.http, isReady: () => readiness.isReady, metrics }));
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

interface Running extends Doors {
  readonly parts: Parts;
  readonly sessions: SessionLayer;
  readonly opened: AsyncDisposableStack;
}

/** A server that accepts clients until it is drained and closed. */
export class RunningServer {
  readonly address: string;
  readonly port: number;
  readonly proxyPort: number | undefined;
  readonly httpPort: number | undefined;
  readonly store: Store;
  readonly #running: Running;

  constructor(running: Running) {
    this.address = running.listener.address;
    this.port = running.listener.port;
    this.proxyPort = running.listener.proxyPort;
    this.httpPort = running.health?.port;
    this.store = running.parts.store;
    this.#running = running;
  }

  /**
   * Lets nobody new in, tells those inside, gives them a moment to leave, settles what was accepted, and ends the
   * rest with all that is queued for them. [OPS-1]
   */
  async drain(): Promise<void> {
    const { listener, parts, sessions, readiness } = this.#running;
    readiness.isReady = false;
    listener.stopAccepting();
    sessions.goaway(GOAWAY_MS);
    await this.#untilEmpty(parts.clock.monotonic() + LEAVE_MS);
    await parts.delivery.drain();
    sessions.endAll();
    await listener.close();
  }

  /** Closes everything, in reverse order; connections that are left are cut. */
  async close(): Promise<void> {
    this.#running.readiness.isReady = false;
    await this.#running.opened.disposeAsync();
  }

  async #untilEmpty(deadlineMs: number): Promise<void> {
    const { listener, parts } = this.#running;
    while (listener.connectionCount > 0 && parts.clock.monotonic() < deadlineMs) {
      await new Promise<void>((resolve) => {
        parts.clock.after(LOOK_MS, resolve);
      });
    }
  }
}
