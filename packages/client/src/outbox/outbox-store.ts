import type { DatabaseSync } from 'node:sqlite';
import type { AppendReply } from '@parley/protocol';
import { openStoreFile, type StoreFile, transact } from '../local/store-file.ts';

/** A message of the outbox, as the disk has it. */
export interface OutboxItem {
  readonly clientId: string;
  readonly to: string;
  readonly text: string;
  /** When it was written, in milliseconds since 1970. */
  readonly createdMs: number;
  /**
   * `waiting`: to be sent. `sent`: stored by the server; kept until its writer has seen that.
   * `refused`: for good; stepped aside until it is retried or dropped.
   * `abandoned`: it may be stored, and nobody waits for it any more: "never" is made final, unless it is.
   */
  readonly state: 'waiting' | 'sent' | 'refused' | 'abandoned';
  /** It may have reached the server: only the server knows what became of it. */
  readonly isWired: boolean;
  /** Somebody said that it goes whatever its age. */
  readonly isConfirmed: boolean;
  /** Where it stands, when it was sent. */
  readonly sent: AppendReply | undefined;
  /** Why it was refused. */
  readonly refusal: OutboxRefusal | undefined;
}

export interface OutboxRefusal {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** What is to be sent. */
export interface OutboxMessage {
  readonly clientId: string;
  readonly to: string;
  readonly text: string;
}

/** What became of adding a message: one of the same id is there already, with the same content or another. */
export type Added = 'added' | 'known' | 'conflict';

interface Row {
  readonly client_id: string;
  readonly recipient: string;
  readonly text: string;
  readonly created_ms: number;
  readonly state: OutboxItem['state'];
  readonly wired: number;
  readonly confirmed: number;
  readonly outcome: string | null;
}

/** A `sent` row that nobody fetched is forgotten after this time, in milliseconds. */
const SENT_KEPT_MS = 600_000;

/**
 * Messages that are not yet settled, on disk: one file, which several processes of one profile share. What a call
 * says is durable when it returns (SQLite, WAL, synchronous=FULL), unless it says otherwise. Throws what node:sqlite
 * throws.
 */
export class OutboxStore implements Disposable {
  readonly #db: DatabaseSync;
  #version = -1;

  /** @throws what `openStoreFile` throws */
  constructor(file: StoreFile) {
    this.#db = openStoreFile(file);
  }

  /** Adds messages behind all others, in their order, in one transaction. What was given up is tried again. */
  add(messages: readonly OutboxMessage[], nowMs: number): Added[] {
    const insert = this.#db.prepare(
      `INSERT INTO outbox (client_id, recipient, text, created_ms) VALUES (?, ?, ?, ?) ON CONFLICT (client_id) DO NOTHING`,
    );
    const revive = this.#db.prepare(
      `UPDATE outbox SET state = 'waiting', outcome = NULL, created_ms = ? WHERE client_id = ? AND state IN ('refused', 'abandoned')`,
    );
    return transact(this.#db, () =>
      messages.map(({ clientId, to, text }) => {
        if (insert.run(clientId, to, text, nowMs).changes === 1) return 'added';
        const known = this.get(clientId);
        if (known?.to !== to || known.text !== text) return 'conflict';
        revive.run(nowMs, clientId);
        return 'known';
      }),
    );
  }

  get(clientId: string): OutboxItem | undefined {
    const row = this.#db.prepare('SELECT * FROM outbox WHERE client_id = ?').get(clientId);
    return row === undefined ? undefined : toItem(row as unknown as Row);
  }

  /** All, in the order in which they were added. */
  all(): OutboxItem[] {
    const rows = this.#db.prepare('SELECT * FROM outbox ORDER BY position').all();
    return (rows as unknown as Row[]).map(toItem);
  }

  /** Notes that it is about to go over the wire. False: it is not to be sent any more. */
  wire(clientId: string): boolean {
    const sql = `UPDATE outbox SET wired = 1 WHERE client_id = ? AND state = 'waiting'`;
    return this.#db.prepare(sql).run(clientId).changes === 1;
  }

  /**
   * The server has it. Not yet durable: when the machine dies now the message goes again, or is asked about, under the
   * same id, and the server answers as before. [OUTBOX-1]
   */
  sent(clientId: string, reply: AppendReply): void {
    this.#unhurried(() => this.#settle(clientId, 'sent', reply));
  }

  refused(clientId: string, { code, message, hint }: OutboxRefusal): void {
    this.#settle(clientId, 'refused', { code, message, hint });
  }

  /** Takes it back, unless it may have reached the server. */
  withdraw(clientId: string): boolean {
    const sql = `DELETE FROM outbox WHERE client_id = ? AND (wired = 0 OR state = 'refused')`;
    return this.#db.prepare(sql).run(clientId).changes === 1;
  }

  /** Nobody waits for it any more. */
  abandon(clientId: string): void {
    this.#db.prepare(`UPDATE outbox SET state = 'abandoned' WHERE client_id = ? AND state = 'waiting'`).run(clientId);
  }

  /** Forgets it: its outcome is known and has been told. Not yet durable, for the same reason. */
  remove(clientId: string): void {
    this.#unhurried(() => this.#db.prepare('DELETE FROM outbox WHERE client_id = ?').run(clientId));
  }

  /** What was refused is sent again; what waits goes whatever its age. */
  retry(clientId: string): void {
    const sql = `UPDATE outbox SET state = 'waiting', outcome = NULL, confirmed = 1 WHERE client_id = ? AND state <> 'sent'`;
    this.#db.prepare(sql).run(clientId);
  }

  /** Forgets what was sent long ago by a process that did not live to see it. */
  sweep(nowMs: number): void {
    this.#db.prepare(`DELETE FROM outbox WHERE state = 'sent' AND created_ms < ?`).run(nowMs - SENT_KEPT_MS);
  }

  /** Whether another process has changed something since this was asked last. */
  wasChanged(): boolean {
    const { data_version: version } = this.#db.prepare('PRAGMA data_version').get() as { data_version: number };
    const wasChanged = version !== this.#version;
    this.#version = version;
    return wasChanged;
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  /** Without a fsync: it reaches the disk with the next thing that is durable. Other processes see it at once. */
  #unhurried(work: () => void): void {
    this.#db.exec('PRAGMA synchronous = NORMAL');
    try {
      work();
    } finally {
      this.#db.exec('PRAGMA synchronous = FULL');
    }
  }

  #settle(clientId: string, state: OutboxItem['state'], outcome: object): void {
    const sql = 'UPDATE outbox SET state = ?, outcome = ? WHERE client_id = ?';
    this.#db.prepare(sql).run(state, JSON.stringify(outcome), clientId);
  }
}

function toItem(row: Row): OutboxItem {
  const outcome: unknown = row.outcome === null ? undefined : JSON.parse(row.outcome);
  return {
    clientId: row.client_id,
    to: row.recipient,
    text: row.text,
    createdMs: row.created_ms,
    state: row.state,
    isWired: row.wired === 1,
    isConfirmed: row.confirmed === 1,
    sent: row.state === 'sent' ? (outcome as AppendReply) : undefined,
    refusal: row.state === 'refused' ? (outcome as OutboxRefusal) : undefined,
  };
}
