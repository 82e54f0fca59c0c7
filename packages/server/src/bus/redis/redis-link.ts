import type { Clock, Random, Timer } from '../../chat/ports/index.ts';
import type { Logger } from '../../observe/log.ts';
import { OccasionalLog } from '../../observe/occasional-log.ts';
import { createConnection, type RedisConnection } from './redis-connection.ts';

/** What lives on the link. */
export interface LinkUser {
  /** There is a new connection that knows nothing of the one before. The link is settled when all users are. */
  connected(connection: RedisConnection): Promise<void>;
  /** The connection is gone; nothing of it comes any more. */
  lost(): void;
}

export interface LinkDeps {
  readonly url: string;
  readonly clock: Clock;
  readonly random: Pick<Random, 'fraction'>;
  readonly log: Logger;
}

/** From one answer to the next question. Together with ANSWER_MS: a frozen Redis is noticed within 2.5 s. */
const PING_MS = 700;
const ANSWER_MS = 1_800;

/** From the first packet until Redis has let us in: a frozen one still takes connections. */
const CONNECT_MS = 3_000;

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 2_000;

/** Keeps one connection to Redis, for ever: asks whether it still answers, and makes another when it does not. */
export class RedisLink {
  readonly #deps: LinkDeps;
  readonly #occasionally: OccasionalLog;
  readonly #users: LinkUser[] = [];
  #connection: RedisConnection | undefined;
  #timer: Timer | undefined;
  #failures = 0;

  constructor(deps: LinkDeps) {
    this.#deps = deps;
    this.#occasionally = new OccasionalLog(deps.log, () => deps.clock.monotonic());
  }

  /** Before `open`. */
  add(user: LinkUser): void {
    this.#users.push(user);
  }

  /**
   * Begins to connect; does not wait for it.
   * @throws TypeError when the URL is none
   */
  open(): void {
    const connection = createConnection(this.#deps.url);
    this.#connection = connection;
    connection.on('error', (error) => this.fail(connection, error));
    this.#timer = this.#deps.clock.after(CONNECT_MS, () => this.#unanswered(connection));
    this.#settle(connection).catch((error: unknown) => this.fail(connection, error));
  }

  /** This connection is of no use: ends it, and makes another after a while. */
  fail(connection: RedisConnection, error: unknown): void {
    if (this.#connection !== connection) return;
    this.#drop(connection);
    this.#failures += 1;
    this.#occasionally.error('no connection to Redis; other nodes are heard late, through the store', {
      reason: reasonOf(error),
    });
    this.#timer = this.#deps.clock.after(this.#waitMs(), () => this.open());
  }

  /** Ends the connection, and makes no other. */
  close(): void {
    this.#timer?.cancel();
    if (this.#connection !== undefined) this.#drop(this.#connection);
  }

  async #settle(connection: RedisConnection): Promise<void> {
    await connection.connect();
    if (this.#connection !== connection) return;
    this.#timer?.cancel();
    this.#ask(connection);
    await Promise.all(this.#users.map((user) => user.connected(connection)));
    if (this.#connection !== connection) return;
    this.#deps.log.info({ count: this.#failures }, 'connected to Redis');
    this.#failures = 0;
  }

  #ask(connection: RedisConnection): void {
    this.#timer = this.#deps.clock.after(ANSWER_MS, () => this.#unanswered(connection));
    const answered = (): void => {
      if (this.#connection !== connection) return;
      this.#timer?.cancel();
      this.#timer = this.#deps.clock.after(PING_MS, () => this.#ask(connection));
    };
    connection.sendCommand(['PING']).then(answered, (error: unknown) => this.fail(connection, error));
  }

  /** The answer may lie in the socket, unread because this node itself stood still: it is read before `setImmediate`. */
  #unanswered(connection: RedisConnection): void {
    const asked = this.#timer;
    setImmediate(() => {
      if (this.#timer === asked) this.fail(connection, new Error('Redis does not answer'));
    });
  }

  #drop(connection: RedisConnection): void {
    this.#timer?.cancel();
    this.#connection = undefined;
    connection.destroy();
    for (const user of this.#users) user.lost();
  }

  /** Half of it by chance, so that the nodes do not come all at once to a Redis that has just started. */
  #waitMs(): number {
    const longestMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(this.#failures - 1, 10));
    return longestMs * (0.5 + this.#deps.random.fraction() / 2);
  }
}

/** A refused connection to a host with several addresses is an error without a text of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
