import type { DatabaseSync } from 'node:sqlite';
import type { Ord, Seq, Tag, UserId } from '@parley/protocol';
import type { PastEntry, PlannedRow } from '../../chat/append-plan.ts';
import { BoundedCache } from '../../chat/bounded-cache.ts';
import type { ConversationId, EntryKind, Head } from '../../chat/ports/records.ts';
import { RecentIds } from '../recent-ids.ts';
import { roleCode } from '../roles.ts';
import type { EntryIndex } from './entry-index.ts';
import { insertedId, prepare } from './statement.ts';

/** Heads and client ids kept in memory; twice as many at most. A head is about 100 bytes, an id about 250. */
const HEADS_KEPT = 50_000;
const IDS_KEPT = 32_768;

/** The end of a log with the time of its last entry. */
export type TimedHead = Head & { readonly time: number };

/** The log as the writer sees it, inside a transaction. */
export interface EntryLog {
  /** The conversation's last entry. There is no table of heads that could disagree with the log. */
  readonly head: (conversation: ConversationId) => TimedHead;
  /** The number of messages up to an entry, that one included. */
  readonly ordAt: (conversation: ConversationId, seq: number) => number;
  readonly past: (conversation: ConversationId, author: UserId, clientId: string) => PastEntry | undefined;
  readonly append: (row: Omit<PlannedRow, 'kind'> & { readonly kind: EntryKind }) => void;
  /** Forgets what is cached. */
  readonly forget: () => void;
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

type KnownPast = PastEntry & {
  readonly clientId: string;
  readonly conversation: ConversationId;
  readonly author: UserId;
};

const EMPTY: TimedHead = { seq: 0 as Seq, ord: 0 as Ord, tag: 0 as Tag, time: 0 };

/** Caches heads and recent client ids, and tells the index of each entry: whoever rolls back must make it forget. */
export function createEntryLog(db: DatabaseSync, index: EntryIndex): EntryLog {
  const headAt = prepare<TimedHead>(db, 'SELECT seq, ord, tag, time FROM entry WHERE pos = ?');
  const insert = prepare(
    db,
    `INSERT INTO entry (conversation, seq, ord, tag, kind, author, client_id, hash, time, text, target, role)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const heads = new BoundedCache<ConversationId, Writable<TimedHead>>(HEADS_KEPT);
  const recent = createRecentIds(db);

  function loadHead(conversation: ConversationId): Writable<TimedHead> {
    const pos = index.positions.last(conversation);
    const row = (pos === undefined ? undefined : headAt.get(pos)) ?? EMPTY;
    // Of one shape, whatever a row's is: it is read and moved with each entry.
    const head = { seq: row.seq, ord: row.ord, tag: row.tag, time: row.time };
    heads.set(conversation, head);
    return head;
  }

  /** In place: one object for each entry would soon be old, and costly to collect. */
  function move(conversation: ConversationId, { seq, ord, tag, time }: TimedHead): void {
    const head = heads.get(conversation) ?? loadHead(conversation);
    head.seq = seq;
    head.ord = ord;
    head.tag = tag;
    head.time = time;
  }

  return {
    head: (conversation) => heads.get(conversation) ?? loadHead(conversation),
    ordAt(conversation, seq) {
      const pos = index.positions.at(conversation, seq);
      return (pos === undefined ? undefined : headAt.get(pos))?.ord ?? 0;
    },
    past: createPastLookup(db, recent),
    append(row) {
      const { conversation, seq, ord, tag, kind, author, clientId, hash, time, text, target } = row;
      const role = row.role === null ? null : roleCode(row.role);
      const result = insert.run(conversation, seq, ord, tag, kind, author, clientId, hash, time, text, target, role);
      index.add(conversation, seq, insertedId(result));
      move(conversation, { seq, ord, tag, time });
      recent.add({ clientId, conversation, author, kind, hash, seq, ord, tag, time });
    },
    forget() {
      heads.clear();
      recent.clear();
    },
  };
}

function createRecentIds(db: DatabaseSync): RecentIds<KnownPast> {
  const greatest = prepare<{ id: string | null }>(
    db,
    'SELECT max(client_id) AS id FROM entry WHERE client_id >= ? AND client_id < ?',
  );
  return new RecentIds<KnownPast>(IDS_KEPT, (first) => {
    const next = String.fromCharCode(first.charCodeAt(0) + 1);
    return greatest.get(first, next)?.id ?? undefined;
  });
}

function createPastLookup(db: DatabaseSync, recent: RecentIds<KnownPast>): EntryLog['past'] {
  const find = prepare<PastEntry>(
    db,
    'SELECT kind, hash, seq, ord, tag, time FROM entry WHERE client_id = ? AND conversation = ? AND author = ?',
  );
  return function past(conversation, author, clientId) {
    const known = recent.get(clientId);
    if (known === undefined && recent.isNew(clientId)) return undefined;
    // By client id alone: clients make them unique, and a clash only costs a look into the table.
    if (known?.conversation === conversation && known.author === author) return known;
    return find.get(clientId, conversation, author);
  };
}
