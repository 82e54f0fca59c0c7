import { connect, type Socket } from 'node:net';
import { type ConnectionConfig, createConnection } from 'mariadb';
import { StoreUnavailable } from '../../chat/ports/store.ts';
import { ServerTooOld } from '../store-errors.ts';
import { failureOf } from './failure.ts';
import { cut, Link } from './link.ts';
import { assertServes } from './server-version.ts';

/** What a connection is for. */
export type Purpose = 'read' | 'write' | 'migrate';

/** How long the server may take, in milliseconds. */
export interface LinkTimes {
  /** To let us in. */
  readonly connectMs: number;
  /** To answer; longer than it lets a statement wait for a lock. */
  readonly answerMs: number;
}

export const LINK_TIMES: LinkTimes = { connectMs: 1_500, answerMs: 5_000 };

/** How often connections are looked after, in milliseconds. */
const LOOK_MS = 250;
/** A connection that writes says that it lives when idle for so long, in milliseconds; see HOLDS_LOCKS. */
const PING_MS = 1_000;

/** From one time that all connections were made anew to the next at the earliest, in milliseconds. */
const RENEW_MS = 1_000;

/** The connector tells this when it logs in; a server's `init_connect` may say otherwise after that. */
const NAMES = 'SET NAMES utf8mb4 COLLATE utf8mb4_bin';

/**
 * For all: strict, because a text that is cut silently is lost; UTC, because local time has an hour twice a year. What
 * stands after `M!` only MariaDB reads: there a long IN list must stay a range of the index.
 */
const SESSION = `SET SESSION autocommit = 1, sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00',
  innodb_lock_wait_timeout = 2 /*M! , in_predicate_conversion_threshold = 0 */`;

/**
 * For connections that hold locks: a node that is frozen must lose them within seconds. MariaDB ends an idle
 * transaction, MySQL only an idle connection, so there a living node says so every second.
 */
const HOLDS_LOCKS = `SET SESSION wait_timeout = 3, net_read_timeout = 3, net_write_timeout = 3
  /*M! , idle_transaction_timeout = 3 */`;

const FIRST_STATEMENTS: Readonly<Record<Purpose, readonly string[]>> = {
  // A transaction that reads sees one state of everything.
  read: [NAMES, SESSION, 'SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ'],
  // A statement sees all that was committed before it began, and locks no gaps.
  write: [NAMES, SESSION, HOLDS_LOCKS, 'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED'],
  migrate: [NAMES, SESSION],
};

/** What a server says of itself. */
interface Greeting {
  readonly version: string;
  /** Largest packet that it takes. */
  readonly bytes: number;
}

/** Opens connections to one database, and looks after them: none is waited for without end. */
export class Links {
  readonly #config: ConnectionConfig;
  readonly #times: LinkTimes;
  readonly #open = new Map<Link, Purpose>();
  readonly #looking: NodeJS.Timeout;
  #renewedAtMs = Number.NEGATIVE_INFINITY;

  constructor(url: string, times: LinkTimes) {
    this.#config = configOf(new URL(url));
    this.#times = times;
    this.#looking = setInterval(() => this.#look(), LOOK_MS).unref();
  }

  /** @throws {StoreUnavailable | ServerTooOld} when the server does not let us in; a wrong password too may be mended meanwhile */
  async open(purpose: Purpose): Promise<Link> {
    const { host, port } = this.#config;
    const socket = connect({ host: host ?? '', port: port ?? 0, noDelay: true });
    // Not the connector's own, which ends before all that we ask of a new connection is answered.
    const deadline = setTimeout(() => cut(socket, 'the database does not answer'), this.#times.connectMs);
    try {
      const link = await this.#greet(socket, purpose);
      this.#open.set(link, purpose);
      return link;
    } catch (error) {
      socket.destroy();
      if (error instanceof ServerTooOld) throw error;
      const { message } = failureOf(error);
      throw new StoreUnavailable(message, { cause: error });
    } finally {
      clearTimeout(deadline);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#looking);
    await Promise.all([...this.#open.keys()].map((link) => link.close()));
  }

  async #greet(socket: Socket, purpose: Purpose): Promise<Link> {
    const connection = await createConnection({
      ...this.#config,
      // Elsewhere a value that broke out of its quotes could begin a statement of its own.
      multipleStatements: purpose === 'write',
      stream: () => socket,
    });
    const [row] = await connection.query<[Greeting]>('SELECT VERSION() AS version, @@max_allowed_packet AS bytes');
    // First: one that is too old may not know what comes next.
    assertServes(row.version);
    for (const statement of FIRST_STATEMENTS[purpose]) await connection.query(statement);
    return new Link({ connection, socket, maxPacket: row.bytes, onReadOnly: () => this.#renew() });
  }

  /**
   * A server that takes writes no longer may have a successor under the same name: connections are made anew, so that
   * the name is looked up again. Those that read too, for what they read may be long past.
   */
  #renew(): void {
    const nowMs = performance.now();
    if (nowMs - this.#renewedAtMs < RENEW_MS) return;
    this.#renewedAtMs = nowMs;
    for (const [link, purpose] of this.#open) if (purpose !== 'migrate') link.destroy();
  }

  #look(): void {
    const nowMs = performance.now();
    for (const [link, purpose] of this.#open) {
      if (link.isLost) {
        this.#open.delete(link);
        continue;
      }
      if (purpose === 'migrate') continue;
      link.endIfStuck(nowMs, this.#times.answerMs);
      // A ping that fails has ended the link, and whoever uses it next sees that.
      if (purpose === 'write' && link.idleMs(nowMs) > PING_MS) link.ping().catch(() => undefined);
    }
  }
}

function configOf(url: URL): ConnectionConfig {
  const host = decodeURIComponent(url.hostname).replaceAll(/[[\]]/g, '');
  const isSecret = url.searchParams.get('ssl') === 'true';
  // The connector is given a socket, and so does not know whose certificate it has to be.
  const ssl = { host, rejectUnauthorized: true };
  return {
    host,
    port: Number(url.port === '' ? 3306 : url.port),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
    ...(isSecret ? { ssl } : {}),
    // Without TLS, MySQL's log-in needs the server's key; to ask the server itself for it is safe where nobody listens.
    allowPublicKeyRetrieval: isSecret || ['127.0.0.1', '::1', 'localhost'].includes(host),
    charset: 'utf8mb4',
    connectTimeout: 0,
    pipelining: true,
    // Numbers above 2^53 are refused, never rounded.
    bigIntAsNumber: true,
    insertIdAsNumber: true,
    checkNumberRange: true,
    // Values in error messages would be what people wrote.
    logParam: false,
    arrayParenthesis: true,
    checkDuplicate: false,
  };
}
