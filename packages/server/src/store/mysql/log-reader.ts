import type { Tag } from '@parley/protocol';
import type { LogStore, PageLimit } from '../../chat/ports/log-store.ts';
import type { ConversationId, Entry, Head } from '../../chat/ports/records.ts';
import { roleOf } from '../roles.ts';
import { EMPTY_HEAD } from './conversations.ts';
import type { Link } from './link.ts';
import type { ReadLinks } from './read-links.ts';

type LogReads = Pick<LogStore, 'readForward' | 'readBackward' | 'findOutcome'>;

/**
 * Reads of the log. Head and entries are two statements, in this order, and yet one state: entries never change, and a
 * later statement sees all that were there when the head was read. What came after that is not asked for.
 */
export function createLogReads(links: ReadLinks): LogReads {
  return {
    readForward: (conversation, from, limit) =>
      links.use(async (link) => {
        const head = await readHead(link, conversation);
        const first = Math.max(1, from);
        const last = Math.min(head.seq, first + limit.entries - 1);
        const entries = await readEntries(link, { conversation, first, last, order: 'ASC' }, limit);
        return { head, entries };
      }),
    readBackward: (conversation, before, limit) =>
      links.use(async (link) => {
        const head = await readHead(link, conversation);
        const last = Math.min(head.seq, before - 1);
        const first = Math.max(1, last - limit.entries + 1);
        const entries = await readEntries(link, { conversation, first, last, order: 'DESC' }, limit);
        return { head, entries: entries.reverse() };
      }),
    async findOutcome(conversation, author, clientId) {
      const row = await links.first<Pick<Entry, 'kind' | 'seq' | 'ord' | 'tag' | 'time'>>(
        'SELECT kind, seq, ord, tag, time FROM entry WHERE client_id = ? AND conversation = ? AND author = ?',
        [clientId, conversation, author],
      );
      if (row === undefined) return undefined;
      const { kind, seq, ord, tag, time } = row;
      const state = kind === 'cancel' ? 'cancelled' : 'committed';
      return { state, fresh: false, seq, ord, tag, prevTag: 0 as Tag, time };
    },
  };
}

async function readHead(link: Link, conversation: ConversationId): Promise<Head> {
  const [row] = await link.rows<Head>('SELECT seq, ord, tag FROM head WHERE conversation = ?', [conversation]);
  return row === undefined ? EMPTY_HEAD : { seq: row.seq, ord: row.ord, tag: row.tag };
}

interface Range {
  readonly conversation: ConversationId;
  readonly first: number;
  readonly last: number;
  readonly order: 'ASC' | 'DESC';
}

type EntryRow = Omit<Entry, 'role' | 'clientId'> & { readonly role: number | null; readonly clientId: Uint8Array };

/** Rows that one statement reads: pages end by bytes too, and most of a long one would be read for nothing. */
const ROWS = 100;

/** Reads entries until the bytes of text are full; at least one. */
async function readEntries(link: Link, range: Range, limit: PageLimit): Promise<Entry[]> {
  const entries: Entry[] = [];
  let left = limit.bytes;
  let { first, last } = range;
  while (first <= last) {
    const rows = await readRows(link, { ...range, first, last });
    for (const row of rows) {
      left -= row.text === null ? 0 : Buffer.byteLength(row.text);
      if (left < 0 && entries.length > 0) return entries;
      entries.push(entryOf(row));
    }
    if (rows.length === 0) return entries;
    if (range.order === 'ASC') first += rows.length;
    else last -= rows.length;
  }
  return entries;
}

function readRows(link: Link, { conversation, first, last, order }: Range): Promise<EntryRow[]> {
  return link.rows<EntryRow>(
    `SELECT e.conversation, e.seq, e.ord, e.tag, e.kind, e.author, a.name AS authorName, e.client_id AS clientId,
       e.time, e.text, e.target, t.name AS targetName, e.role
     FROM entry e JOIN user a ON a.id = e.author LEFT JOIN user t ON t.id = e.target
     WHERE e.conversation = ? AND e.seq BETWEEN ? AND ? ORDER BY e.seq ${order} LIMIT ${ROWS}`,
    [conversation, first, last],
  );
}

function entryOf({ role, clientId, ...row }: EntryRow): Entry {
  return { ...row, clientId: Buffer.from(clientId).toString('latin1'), role: role === null ? null : roleOf(role) };
}
