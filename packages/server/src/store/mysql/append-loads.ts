import type { Ord, Seq, Tag, UserId } from '@parley/protocol';
import type { AppendRequest, ConversationId, EntryKind } from '../../chat/ports/records.ts';
import { hashOf } from '../recent-ids.ts';
import { roleOf } from '../roles.ts';
import { GroupMembers } from './group-members.ts';
import type { KnownIds } from './known-ids.ts';
import type { Known, KnownRules, Parties } from './known-rules.ts';
import type { LockedHead } from './locked-heads.ts';
import { placeholderRows, placeholders } from './sql.ts';
import type { Transaction } from './transaction.ts';

/** What is known of conversations and ids, and under which locks. */
export interface LoadParts {
  readonly heads: ReadonlyMap<ConversationId, LockedHead>;
  readonly rules: KnownRules;
  readonly ids: KnownIds;
}

/** Reads who talks in conversations that were not met before. Those that are still unknown then do not exist. */
export async function loadParties(
  transaction: Transaction,
  batch: readonly AppendRequest[],
  rules: KnownRules,
): Promise<void> {
  const unknown = new Set<ConversationId>();
  for (const { conversation } of batch) if (rules.get(conversation) === undefined) unknown.add(conversation);
  if (unknown.size === 0) return;
  const rows = await transaction.rows<readonly [id: ConversationId, low: UserId | null, high: UserId | null]>(
    `SELECT id, low, high FROM conversation WHERE id IN ${placeholders(unknown.size)}`,
    [...unknown],
  );
  for (const [id, low, high] of rows) {
    const parties: Parties = low === null || high === null ? 'group' : [low, high];
    rules.add(id, parties);
  }
}

/**
 * Reads under the locks all that the planner may ask about a batch and that is not known: standings and counts of
 * members, blocks, who may inherit. Returns the members of the groups in which somebody may.
 */
export async function loadRules(
  transaction: Transaction,
  batch: readonly AppendRequest[],
  { heads, rules }: LoadParts,
): Promise<ReadonlyMap<ConversationId, GroupMembers>> {
  const wanted = new Wanted();
  for (const request of batch) {
    const head = heads.get(request.conversation);
    const known = head && rules.get(request.conversation);
    if (head === undefined || known === undefined) continue;
    rules.meet(known, head.rules);
    wanted.add(request, known);
  }
  // One after the other: they are rare, and pipelining them would begin the transaction twice.
  await loadBlocks(transaction, wanted.blocks);
  await loadStandings(transaction, wanted.standings);
  await loadCounts(transaction, wanted.counts);
  return loadMembers(transaction, wanted.heirs(), rules);
}

/** What a batch needs that is not known. */
class Wanted {
  readonly blocks = new Map<ConversationId, Known>();
  readonly standings: (readonly [ConversationId, UserId, Known])[] = [];
  readonly counts = new Map<ConversationId, Known>();
  readonly #changes = new Map<
    ConversationId,
    { leaves: boolean; readonly known: Known; readonly leaving: UserId[]; count: number }
  >();

  add({ conversation, author, target, kind }: AppendRequest, known: Known): void {
    if (known.parties !== 'group') {
      if (known.blocks === undefined) this.blocks.set(conversation, known);
      return;
    }
    if (!known.standings.has(author)) this.standings.push([conversation, author, known]);
    if (kind === 'message' || kind === 'cancel') return;
    if (target !== null && !known.standings.has(target)) this.standings.push([conversation, target, known]);
    if (kind === 'join' && known.memberCount === undefined) this.counts.set(conversation, known);
    const change = this.#changes.get(conversation) ?? { leaves: false, known, leaving: [], count: 0 };
    change.count += 1;
    if (kind === 'leave') change.leaving.push(author);
    this.#changes.set(conversation, change);
  }

  /** Groups that their owner may leave. After other changes of the same batch, anybody may be the owner. */
  heirs(): ConversationId[] {
    return [...this.#changes]
      .filter(([, { known, leaving, count }]) => {
        if (leaving.length === 0) return false;
        return count > 1 || leaving.some((user) => known.standings.get(user) === 'owner');
      })
      .map(([conversation]) => conversation);
  }
}

async function loadBlocks(transaction: Transaction, wanted: ReadonlyMap<ConversationId, Known>): Promise<void> {
  const edges: UserId[] = [];
  for (const { parties } of wanted.values()) if (parties !== 'group') edges.push(...parties, parties[1], parties[0]);
  const found = new Set<string>();
  if (edges.length > 0) {
    const rows = await transaction.rows<readonly [UserId, UserId]>(
      `SELECT owner, peer FROM contact WHERE (owner, peer) IN (${placeholderRows(edges.length / 2, 2)}) AND blocked = 1`,
      edges,
    );
    for (const [owner, peer] of rows) found.add(`${owner} ${peer}`);
  }
  for (const known of wanted.values()) {
    const [low, high] = known.parties;
    known.blocks = { byLow: found.has(`${low} ${high}`), byHigh: found.has(`${high} ${low}`) };
  }
}

async function loadStandings(
  transaction: Transaction,
  wanted: readonly (readonly [ConversationId, UserId, Known])[],
): Promise<void> {
  if (wanted.length === 0) return;
  const byId = new Map<ConversationId, Known>();
  const rows = await transaction.rows<readonly [ConversationId, UserId, role: number, present: number]>(
    `SELECT conversation, user, role, present FROM member
     WHERE (conversation, user) IN (${placeholderRows(wanted.length, 2)})`,
    wanted.flatMap(([conversation, user]) => [conversation, user]),
  );
  // Only now: a read that failed must leave nothing behind.
  for (const [conversation, user, known] of wanted) {
    byId.set(conversation, known);
    known.standings.set(user, 'none');
  }
  for (const [conversation, user, role, present] of rows) {
    byId.get(conversation)?.standings.set(user, present === 1 ? roleOf(role) : 'past');
  }
}

async function loadCounts(transaction: Transaction, wanted: ReadonlyMap<ConversationId, Known>): Promise<void> {
  if (wanted.size === 0) return;
  const rows = await transaction.rows<readonly [ConversationId, number]>(
    `SELECT conversation, COUNT(*) FROM member WHERE conversation IN ${placeholders(wanted.size)} AND present = 1
     GROUP BY conversation`,
    [...wanted.keys()],
  );
  for (const known of wanted.values()) known.memberCount = 0;
  for (const [conversation, count] of rows) {
    const known = wanted.get(conversation);
    if (known !== undefined) known.memberCount = count;
  }
}

async function loadMembers(
  transaction: Transaction,
  wanted: readonly ConversationId[],
  rules: KnownRules,
): Promise<ReadonlyMap<ConversationId, GroupMembers>> {
  const groups = new Map(wanted.map((conversation) => [conversation, new GroupMembers()]));
  if (wanted.length === 0) return groups;
  const rows = await transaction.rows<readonly [ConversationId, UserId, role: number, from: number]>(
    `SELECT m.conversation, m.user, m.role, s.from_seq FROM member m
       JOIN stay s ON s.user = m.user AND s.conversation = m.conversation AND s.to_seq IS NULL
     WHERE m.conversation IN ${placeholders(wanted.length)} AND m.present = 1`,
    wanted,
  );
  for (const [conversation, user, role, from] of rows) {
    groups.get(conversation)?.add(user, roleOf(role), from);
    // A heir's standing is asked for, and changes, though no request names him.
    rules.get(conversation)?.standings.set(user, roleOf(role));
  }
  return groups;
}

type PastRow = readonly [
  ConversationId,
  author: UserId,
  clientId: Uint8Array,
  kind: EntryKind,
  hash: number,
  Seq,
  Ord,
  Tag,
  time: number,
];

/** Names one possible entry. */
export type PastKey = readonly [clientId: string, conversation: ConversationId, author: UserId];

/** Reads what is stored under client ids, under the locks of their conversations. */
export async function loadPasts(transaction: Transaction, keys: readonly PastKey[], ids: KnownIds): Promise<void> {
  if (keys.length === 0) return;
  const rows = await transaction.rows<PastRow>(
    // Else the server may go through the conversations instead.
    `SELECT conversation, author, client_id, kind, hash, seq, ord, tag, time FROM entry FORCE INDEX (client)
     WHERE (client_id, conversation, author) IN (${placeholderRows(keys.length, 3)})`,
    keys.flat(),
  );
  for (const [conversation, author, id, kind, hash, seq, ord, tag, time] of rows) {
    const clientId = Buffer.from(id).toString('latin1');
    if (ids.get(conversation, author, clientId) !== undefined) continue;
    ids.add({ conversation, author, clientId, kind, hash, seq, ord, tag, time });
  }
}

/**
 * The client ids of a batch whose presence matters and is not known: what is named by `after` and comes neither from
 * the batch itself, and what is to be cancelled, which often is there.
 */
export function unknownIds(batch: readonly AppendRequest[], ids: KnownIds): PastKey[] {
  const keys: PastKey[] = [];
  let places: Map<number, number> | undefined;
  for (const [index, request] of batch.entries()) {
    const { conversation, author, clientId, after, kind } = request;
    if (kind === 'cancel' && ids.get(conversation, author, clientId) === undefined) {
      keys.push([clientId, conversation, author]);
    }
    if (after === null || ids.get(conversation, author, after) !== undefined) continue;
    places ??= placesOf(batch);
    if (!comesBefore(batch, index, places)) keys.push([after, conversation, author]);
  }
  return keys;
}

/** Where each client id, by its hash, first comes in a batch. */
function placesOf(batch: readonly AppendRequest[]): Map<number, number> {
  const places = new Map<number, number>();
  for (const [index, { clientId }] of batch.entries()) {
    const hash = hashOf(clientId);
    if (!places.has(hash)) places.set(hash, index);
  }
  return places;
}

/** Whether what a request follows stands before it in the same batch. */
function comesBefore(batch: readonly AppendRequest[], index: number, places: ReadonlyMap<number, number>): boolean {
  const { conversation, author, after } = batch[index] as AppendRequest;
  const first = places.get(hashOf(after ?? ''));
  if (first === undefined || first >= index) return false;
  const isIt = (each: AppendRequest): boolean =>
    each.clientId === after && each.author === author && each.conversation === conversation;
  // Another id may have the same hash, and another author the same id.
  return isIt(batch[first] as AppendRequest) || batch.slice(first, index).some(isIt);
}
