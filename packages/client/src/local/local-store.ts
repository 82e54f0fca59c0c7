import type { DatabaseSync } from 'node:sqlite';
import type { StateEvent, StateVersion, SyncCursor, WireEntry } from '@parley/protocol';
import { openStoreFile, type StoreFile, transact } from './store-file.ts';

/** A row of the account's private state, as the server tells it. */
export type StateRow = StateEvent['rows'][number];

/** What came from the server since the last time it was kept. */
export interface News {
  readonly entries: readonly WireEntry[];
  /** Private state, in the order in which it came. */
  readonly states: readonly StateEvent[];
  /** Conversations of which nothing that is kept is true any more. */
  readonly reset: readonly string[];
  /** Where the device stands after all this, in conversations in which that has changed. */
  readonly cursors: readonly SyncCursor[];
}

/**
 * The device's copy of what it was told: entries, private state, and where it stands; losing that costs a longer sync.
 * And what was typed and not sent, which is nowhere else.
 */
export class LocalStore implements Disposable {
  readonly #db: DatabaseSync;

  /** @throws what `openStoreFile` throws */
  constructor(file: StoreFile) {
    this.#db = openStoreFile(file);
  }

  /** Keeps what came, and where the device stands then: together, so that a cursor is never ahead of its entries. */
  keep({ entries = [], states = [], reset = [], cursors = [] }: Partial<News>): void {
    transact(this.#db, () => {
      for (const conversation of reset) this.#reset(conversation);
      for (const state of states) this.#keepState(state);
      const insert = this.#db.prepare('INSERT OR REPLACE INTO entry (conversation, seq, body) VALUES (?, ?, ?)');
      for (const entry of entries)
        insert.run(entry.conversation, entry.seq, JSON.stringify({ ...entry, ev: undefined }));
      const place = this.#db.prepare('INSERT OR REPLACE INTO cursor (conversation, body) VALUES (?, ?)');
      for (const cursor of cursors) place.run(cursor.conversation, JSON.stringify(cursor));
    });
  }

  /** The last entries kept of a conversation, oldest first; there may be holes between them. */
  entries(conversation: string, { before, limit }: { before: number | undefined; limit: number }): WireEntry[] {
    const sql = 'SELECT body FROM entry WHERE conversation = ? AND seq < ? ORDER BY seq DESC LIMIT ?';
    const top = before ?? Number.MAX_SAFE_INTEGER;
    return bodies<WireEntry>(this.#db.prepare(sql).all(conversation, top, Math.min(limit, 1_000_000))).toReversed();
  }

  cursors(): SyncCursor[] {
    return bodies(this.#db.prepare('SELECT body FROM cursor').all());
  }

  /** The private state that is kept, as one event; undefined when there is none. */
  state(): (StateVersion & { readonly rows: StateRow[] }) | undefined {
    const version = this.#db.prepare(`SELECT value AS body FROM meta WHERE key = 'state'`).all();
    const [known] = bodies<StateVersion>(version);
    return known && { ...known, rows: bodies<StateRow>(this.#db.prepare('SELECT body FROM state_row').all()) };
  }

  /** What was typed for conversations and not sent. */
  drafts(): Map<string, string> {
    const rows = this.#db.prepare('SELECT conversation, text FROM draft').all();
    return new Map(
      (rows as { conversation: string; text: string }[]).map(({ conversation, text }) => [conversation, text]),
    );
  }

  /** Keeps what is typed for a conversation; an empty text: nothing is. */
  setDraft(conversation: string, text: string): void {
    if (text === '') this.#db.prepare('DELETE FROM draft WHERE conversation = ?').run(conversation);
    else this.#db.prepare('INSERT OR REPLACE INTO draft (conversation, text) VALUES (?, ?)').run(conversation, text);
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  #reset(conversation: string): void {
    this.#db.prepare('DELETE FROM entry WHERE conversation = ?').run(conversation);
    this.#db.prepare('DELETE FROM cursor WHERE conversation = ?').run(conversation);
  }

  #keepState({ full, rows, rev, tag, more }: StateEvent): void {
    if (full === true) this.#db.exec('DELETE FROM state_row');
    const insert = this.#db.prepare('INSERT OR REPLACE INTO state_row (key, body) VALUES (?, ?)');
    for (const row of rows) insert.run(keyOf(row), JSON.stringify(row));
    if (more === true) {
      // Half a copy is no version's.
      this.#db.exec(`DELETE FROM meta WHERE key = 'state'`);
      return;
    }
    const sql = `INSERT OR REPLACE INTO meta (key, value) VALUES ('state', ?)`;
    this.#db.prepare(sql).run(JSON.stringify({ rev, tag }));
  }
}

/** Rows of an unknown kind are kept for a later release, each once. */
function keyOf(row: StateRow): string {
  switch (row.row) {
    case 'conversation':
      return `conversation ${row.conversation}`;
    case 'contact':
      return `contact ${row.user.id}`;
    default:
      return JSON.stringify(row);
  }
}

function bodies<T>(rows: readonly unknown[]): T[] {
  return (rows as { body: string }[]).map(({ body }) => JSON.parse(body) as T);
}
