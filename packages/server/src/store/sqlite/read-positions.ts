import type { DatabaseSync } from 'node:sqlite';
import type { ConversationStore, PositionMove } from '../../chat/ports/conversation-store.ts';
import type { EntryLog } from './entry-log.ts';
import type { Revisions } from './revisions.ts';
import { prepare } from './statement.ts';
import type { Sync } from './sync.ts';
import type { Write } from './transaction.ts';

export type PositionWrites = Sync<ConversationStore, 'movePositions'>;

interface Row {
  readonly readSeq: number;
  readonly readOrd: number;
  readonly deliveredSeq: number;
  readonly classicSeq: number;
}

/** How far accounts have read. Positions only rise, and never beyond the head. [POS-1] */
export function createPositionWrites(
  db: DatabaseSync,
  write: Write,
  { log, revisions }: { log: EntryLog; revisions: Revisions },
): PositionWrites {
  const find = prepare<Row>(
    db,
    `SELECT read_seq AS readSeq, read_ord AS readOrd, delivered_seq AS deliveredSeq, classic_seq AS classicSeq
     FROM member WHERE conversation = ? AND user = ?`,
  );
  const setRead = prepare(
    db,
    `UPDATE member SET read_seq = ?1, read_ord = ?2, delivered_seq = max(delivered_seq, ?1), rev = ?3
     WHERE conversation = ?4 AND user = ?5`,
  );
  const setDelivered = prepare(db, 'UPDATE member SET delivered_seq = ?, rev = ? WHERE conversation = ? AND user = ?');
  const setClassic = prepare(db, 'UPDATE member SET classic_seq = ? WHERE conversation = ? AND user = ?');

  function move({ user, conversation, which, to, base }: PositionMove): void {
    const row = find.get(conversation, user);
    if (row === undefined || row.readOrd < base) return;
    const head = log.head(conversation);
    const seq = Math.min(to, head.seq);
    const from = { read: row.readSeq, delivered: row.deliveredSeq, classic: row.classicSeq }[which];
    if (seq <= from) return;
    if (which === 'classic') {
      setClassic.run(seq, conversation, user);
    } else if (which === 'delivered') {
      setDelivered.run(seq, revisions.next(user), conversation, user);
    } else {
      const ord = seq === head.seq ? head.ord : log.ordAt(conversation, seq);
      setRead.run(seq, ord, revisions.next(user), conversation, user);
    }
  }

  return {
    movePositions: (moves) =>
      write(() => {
        for (const one of moves) move(one);
        return revisions.flush();
      }),
  };
}
