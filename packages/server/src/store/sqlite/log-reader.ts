import type { DatabaseSync } from 'node:sqlite';
import type { Ord, Seq, Tag } from '@parley/protocol';
import type { EntryPage, LogStore, PageLimit } from '../../chat/ports/log-store.ts';
import type { AppendResult, ConversationId, Entry, EntryKind, Head } from '../../chat/ports/records.ts';
import { roleOf } from '../roles.ts';
import type { Positions } from './positions.ts';
import { prepare } from './statement.ts';
import type { Sync } from './sync.ts';
import type { Read } from './transaction.ts';

export type LogReads = Sync<LogStore, 'readForward' | 'readBackward' | 'findOutcome'>;

/** Reads of the log, each in one snapshot. */
export function createLogReads(
  db: DatabaseSync,
  read: Read,
  { positions, headOf }: { positions: Positions; headOf: (conversation: ConversationId) => Head },
): LogReads {
  const readEntries = createEntryReader(db);
  const findOutcome = createOutcomeReader(db);

  function readForward(conversation: ConversationId, from: Seq, limit: PageLimit): EntryPage {
    const head = headOf(conversation);
    const first = Math.max(1, from);
    const places = positions.between(conversation, first, Math.min(head.seq, first + limit.entries - 1));
    return { head, entries: readEntries(places, limit.bytes) };
  }

  function readBackward(conversation: ConversationId, before: Seq, limit: PageLimit): EntryPage {
    const head = headOf(conversation);
    const last = Math.min(head.seq, before - 1);
    const places = positions.between(conversation, Math.max(1, last - limit.entries + 1), last);
    return { head, entries: readEntries(places.reverse(), limit.bytes).reverse() };
  }

  return {
    readForward: (conversation, from, limit) => read(() => readForward(conversation, from, limit)),
    readBackward: (conversation, before, limit) => read(() => readBackward(conversation, before, limit)),
    findOutcome: (conversation, author, clientId) => read(() => findOutcome(conversation, author, clientId)),
  };
}

type EntryRow = Omit<Entry, 'role'> & { readonly role: number | null };

/** Reads the entries at some positions, in the order given, until `bytes` of text are full; at least one. */
function createEntryReader(db: DatabaseSync): (positions: readonly number[], bytes: number) => Entry[] {
  const at = prepare<EntryRow>(
    db,
    `SELECT e.conversation, e.seq, e.ord, e.tag, e.kind, e.author, a.name AS authorName, e.client_id AS clientId,
       e.time, e.text, e.target, t.name AS targetName, e.role
     FROM entry e JOIN user a ON a.id = e.author LEFT JOIN user t ON t.id = e.target WHERE e.pos = ?`,
  );
  return function readEntries(positions, bytes) {
    const entries: Entry[] = [];
    let left = bytes;
    for (const position of positions) {
      const row = at.get(position);
      if (row === undefined) throw new Error(`there is no entry at position ${position}`);
      left -= row.text === null ? 0 : Buffer.byteLength(row.text);
      if (left < 0 && entries.length > 0) break;
      entries.push({ ...row, role: row.role === null ? null : roleOf(row.role) });
    }
    return entries;
  };
}

interface OutcomeRow {
  readonly kind: EntryKind;
  readonly seq: Seq;
  readonly ord: Ord;
  readonly tag: Tag;
  readonly time: number;
}

function createOutcomeReader(db: DatabaseSync): LogReads['findOutcome'] {
  const find = prepare<OutcomeRow>(
    db,
    'SELECT kind, seq, ord, tag, time FROM entry WHERE client_id = ? AND conversation = ? AND author = ?',
  );
  return function findOutcome(conversation, author, clientId): AppendResult | undefined {
    const row = find.get(clientId, conversation, author);
    if (row === undefined) return undefined;
    const { kind, seq, ord, tag, time } = row;
    const state = kind === 'cancel' ? 'cancelled' : 'committed';
    return { state, fresh: false, seq, ord, tag, prevTag: 0 as Tag, time };
  };
}
