import type { Socket } from 'node:net';
import type { Connection } from 'mariadb';
import { isReadOnly } from './failure.ts';

/** Values of a statement; the connector escapes them. An array stands for a list in parentheses. */
export type Values = readonly (Value | readonly Value[])[];
export type Value = string | number | null | Uint8Array;

/** What a statement that returns no rows did. */
export interface Done {
  readonly affectedRows: number;
  readonly insertId: number;
}

/** What a link is made of. */
export interface LinkParts {
  readonly connection: Connection;
  readonly socket: Socket;
  /** Largest packet that the server takes, in bytes. */
  readonly maxPacket: number;
  /** The server has refused a statement because it takes no writes. */
  readonly onReadOnly: () => void;
}

/**
 * Ends a connection at once: what is under way on it fails as lost. As if the server had: an error of this socket would
 * come to the connector's TLS socket as well, just when nobody listens there any more, and end the process.
 */
export function cut(socket: Socket, why: string): void {
  socket.emit('end', Object.assign(new Error(why), { errno: 0 }));
  socket.destroy();
}

/**
 * One connection to the server: the one place where the shape of rows is claimed. Several queries may be under way;
 * they are answered in order.
 */
export class Link {
  readonly #connection: Connection;
  readonly #socket: Socket;
  readonly #onReadOnly: () => void;
  /** Largest packet that the server takes, in bytes. */
  readonly maxPacket: number;
  #underWay = 0;
  #progressAtMs = performance.now();
  #isLost = false;

  constructor({ connection, socket, maxPacket, onReadOnly }: LinkParts) {
    this.#connection = connection;
    this.#socket = socket;
    this.#onReadOnly = onReadOnly;
    this.maxPacket = maxPacket;
    // Else an end that nobody asked for would end the process.
    connection.on('error', () => {
      this.#isLost = true;
    });
    connection.on('end', () => {
      this.#isLost = true;
    });
  }

  /** Nothing can be asked on it any more. */
  get isLost(): boolean {
    return this.#isLost || !this.#connection.isValid();
  }

  /** Rows as objects. `Row` must be what the columns are called and hold. */
  rows<Row>(sql: string, values: Values = []): Promise<Row[]> {
    return this.#watch(this.#connection.query<Row[]>(sql, values));
  }

  run(sql: string, values: Values = []): Promise<Done> {
    return this.#watch(this.#connection.query<Done>(sql, values));
  }

  /**
   * Several statements in one flight, with rows as arrays: one result for each. The first that fails ends it, and
   * none behind it is carried out.
   */
  script(sql: string, values: Values): Promise<readonly unknown[]> {
    return this.#watch(this.#connection.query<unknown[]>({ sql, rowsAsArray: true }, values));
  }

  ping(): Promise<void> {
    return this.#watch(this.#connection.ping());
  }

  /** Milliseconds since it was last asked or answered. */
  idleMs(nowMs: number): number {
    return this.#underWay === 0 ? nowMs - this.#progressAtMs : 0;
  }

  /** Ends it when the server has owed an answer for so long; what is under way fails as lost. */
  endIfStuck(nowMs: number, deadlineMs: number): void {
    if (this.#underWay > 0 && nowMs - this.#progressAtMs > deadlineMs) this.destroy();
  }

  /**
   * Cuts it, and what is under way fails as lost; the server rolls back what is open. Not by the connector's own
   * `destroy`, which first opens a second connection, and leaves calls unanswered for ever when it cannot.
   */
  destroy(): void {
    this.#isLost = true;
    cut(this.#socket, 'the connection was given up');
  }

  async close(): Promise<void> {
    if (this.isLost) return;
    this.#isLost = true;
    await this.#connection.end().catch(() => this.#socket.destroy());
  }

  async #watch<T>(answer: Promise<T>): Promise<T> {
    if (this.#underWay === 0) this.#progressAtMs = performance.now();
    this.#underWay += 1;
    try {
      return await answer;
    } catch (error) {
      if (isReadOnly(error)) this.#onReadOnly();
      throw error;
    } finally {
      this.#underWay -= 1;
      this.#progressAtMs = performance.now();
    }
  }
}
