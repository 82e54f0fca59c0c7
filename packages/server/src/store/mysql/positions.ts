import type { UserId } from '@parley/protocol';
import type { ConversationStore, PositionMove } from '../../chat/ports/conversation-store.ts';
import type { ConversationId } from '../../chat/ports/records.ts';
import { Revisions } from './revisions.ts';
import { placeholders, wantedRows } from './sql.ts';
import type { StateWriters } from './state-writers.ts';
import type { Transaction } from './transaction.ts';

/** A member's row as it will be. */
interface Places {
  readonly conversation: ConversationId;
  readonly user: UserId;
  readSeq: number;
  readOrd: number;
  deliveredSeq: number;
  classicSeq: number;
  /** 0: no revision, because only the server's own position moved. */
  rev: number;
  isMoved: boolean;
}

interface Ends {
  readonly seq: number;
  readonly ord: number;
}

/**
 * How far accounts have read. Positions only rise, and never beyond the head. [POS-1] Heads are not locked: they only
 * rise. The accounts are, and so is whatever changes their rows.
 */
export function createPositions(writers: StateWriters): Pick<ConversationStore, 'movePositions'> {
  return {
    async movePositions(moves) {
      if (moves.length === 0) return [];
      return writers.transact((transaction) => movePositions(transaction, moves));
    },
  };
}

async function movePositions(transaction: Transaction, moves: readonly PositionMove[]): Promise<UserId[]> {
  const revisions = await Revisions.lock(
    transaction,
    moves.map(({ user }) => user),
  );
  const places = await readPlaces(transaction, moves);
  const heads = await readEnds(transaction, moves);
  const ords = await readOrds(transaction, moves, heads);
  for (const move of moves) {
    const place = places.get(`${move.conversation} ${move.user}`);
    const head = heads.get(move.conversation);
    if (place !== undefined && head !== undefined) moveOne(move, place, { head, ords, revisions });
  }
  writePlaces(transaction, [...places.values()]);
  const changed = revisions.flush(transaction);
  if (changed.length > 0) transaction.tell({ users: changed });
  return changed;
}

interface Basis {
  readonly head: Ends;
  /** The number of messages up to an entry that is not the last, by conversation and seq. */
  readonly ords: ReadonlyMap<string, number>;
  readonly revisions: Revisions;
}

function moveOne(move: PositionMove, place: Places, { head, ords, revisions }: Basis): void {
  if (place.readOrd < move.base) return;
  const seq = Math.min(move.to, head.seq);
  const from = { read: place.readSeq, delivered: place.deliveredSeq, classic: place.classicSeq }[move.which];
  if (seq <= from) return;
  place.isMoved = true;
  if (move.which === 'classic') {
    place.classicSeq = seq;
    return;
  }
  place.rev = revisions.next(move.user);
  place.deliveredSeq = Math.max(place.deliveredSeq, seq);
  if (move.which === 'delivered') return;
  place.readSeq = seq;
  place.readOrd = seq === head.seq ? head.ord : (ords.get(`${move.conversation} ${seq}`) ?? 0);
}

type PlaceRow = readonly [
  ConversationId,
  UserId,
  readSeq: number,
  readOrd: number,
  deliveredSeq: number,
  classicSeq: number,
];

async function readPlaces(transaction: Transaction, moves: readonly PositionMove[]): Promise<Map<string, Places>> {
  const rows = await transaction.rows<PlaceRow>(
    `SELECT DISTINCT m.conversation, m.user, m.read_seq, m.read_ord, m.delivered_seq, m.classic_seq
     FROM ${wantedRows('conversation', 'user')} STRAIGHT_JOIN member m
       ON m.conversation = wanted.conversation AND m.user = wanted.user`,
    [JSON.stringify(moves.map(({ conversation, user }) => [conversation, user]))],
  );
  const places = rows.map(([conversation, user, readSeq, readOrd, deliveredSeq, classicSeq]) => {
    const place = { conversation, user, readSeq, readOrd, deliveredSeq, classicSeq, rev: 0, isMoved: false };
    return [`${conversation} ${user}`, place] as const;
  });
  return new Map(places);
}

async function readEnds(transaction: Transaction, moves: readonly PositionMove[]): Promise<Map<ConversationId, Ends>> {
  const wanted = [...new Set(moves.map(({ conversation }) => conversation))];
  const rows = await transaction.rows<readonly [ConversationId, seq: number, ord: number]>(
    `SELECT conversation, seq, ord FROM head WHERE conversation IN ${placeholders(wanted.length)}`,
    wanted,
  );
  return new Map(rows.map(([conversation, seq, ord]) => [conversation, { seq, ord }]));
}

async function readOrds(
  transaction: Transaction,
  moves: readonly PositionMove[],
  heads: ReadonlyMap<ConversationId, Ends>,
): Promise<Map<string, number>> {
  const wanted = moves.filter(
    ({ which, conversation, to }) => which === 'read' && to < (heads.get(conversation)?.seq ?? 0),
  );
  if (wanted.length === 0) return new Map();
  const rows = await transaction.rows<readonly [ConversationId, seq: number, ord: number]>(
    `SELECT DISTINCT e.conversation, e.seq, e.ord FROM ${wantedRows('conversation', 'seq')} STRAIGHT_JOIN entry e
       ON e.conversation = wanted.conversation AND e.seq = wanted.seq`,
    [JSON.stringify(wanted.map(({ conversation, to }) => [conversation, to]))],
  );
  return new Map(rows.map(([conversation, seq, ord]) => [`${conversation} ${seq}`, ord]));
}

/** In one statement: one for each row would cost more than all else here. */
function writePlaces(transaction: Transaction, places: readonly Places[]): void {
  const moved = places.filter(({ isMoved }) => isMoved);
  if (moved.length === 0) return;
  const rows = moved.map(({ conversation, user, readSeq, readOrd, deliveredSeq, classicSeq, rev }) => {
    return [conversation, user, readSeq, readOrd, deliveredSeq, classicSeq, rev];
  });
  const columns = ['conversation', 'user', 'read_seq', 'read_ord', 'delivered_seq', 'classic_seq', 'rev'];
  transaction.defer(
    `UPDATE ${wantedRows(...columns)} STRAIGHT_JOIN member m
       ON m.conversation = wanted.conversation AND m.user = wanted.user
     SET m.read_seq = wanted.read_seq, m.read_ord = wanted.read_ord, m.delivered_seq = wanted.delivered_seq,
       m.classic_seq = wanted.classic_seq, m.rev = IF(wanted.rev = 0, m.rev, wanted.rev)`,
    [JSON.stringify(rows)],
  );
}
