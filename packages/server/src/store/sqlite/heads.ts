import type { DatabaseSync } from 'node:sqlite';
import type { Ord, Seq, Tag } from '@parley/protocol';
import type { ConversationId, Head } from '../../chat/ports/records.ts';
import type { Positions } from './positions.ts';
import { prepare } from './statement.ts';

/** Before the first entry. */
export const EMPTY_HEAD: Head = { seq: 0 as Seq, ord: 0 as Ord, tag: 0 as Tag };

/** Reads the end of a log, in the snapshot of the current transaction. */
export function createHeadReader(db: DatabaseSync, positions: Positions): (conversation: ConversationId) => Head {
  const at = prepare<Head>(db, 'SELECT seq, ord, tag FROM entry WHERE pos = ?');
  return function headOf(conversation) {
    const pos = positions.last(conversation);
    return (pos === undefined ? undefined : at.get(pos)) ?? EMPTY_HEAD;
  };
}
