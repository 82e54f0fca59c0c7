import type { UserId } from '@parley/protocol';
import { type PlannedRow, planAppend } from '../../chat/append-plan.ts';
import type { AppendRequest, AppendResult, ConversationId } from '../../chat/ports/records.ts';
import { randomTag } from '../random-tag.ts';
import { loadParties, loadPasts, loadRules, type PastKey, unknownIds } from './append-loads.ts';
import { BatchView } from './append-view.ts';
import { insertEntries } from './entry-rows.ts';
import { failureKind } from './failure.ts';
import type { KnownIds } from './known-ids.ts';
import type { KnownRules } from './known-rules.ts';
import { changeRules, type LockedHead, type LockedHeads, lockHeads, moveHead, writeHeads } from './locked-heads.ts';
import { MembershipChanges } from './membership-changes.ts';
import { Revisions } from './revisions.ts';
import type { Transaction } from './transaction.ts';

/** What a lane keeps between its batches, for as long as its connection lives. */
export interface LaneMemory {
  readonly rules: KnownRules;
  readonly ids: KnownIds;
}

/** How a batch is tried. It begins plainly, and what failed says how to go on. */
export interface Mode {
  /** Heads that somebody else holds are passed over. */
  readonly skipLocked: boolean;
  /** All client ids are looked up, because one that was taken for new is not. */
  readonly lookUp: boolean;
  /** Rows that the database does not take. */
  readonly bad: ReadonlySet<AppendRequest>;
  /** Moves the store's clock, in milliseconds; for tests. */
  readonly shiftMs: number;
}

/** A lock on a head was not granted in time. */
export class HeadLocked extends Error {
  override readonly name = 'HeadLocked';
}

/** What a batch came to, if it is committed now. */
export interface Attempt {
  readonly results: readonly (AppendResult | undefined)[];
  readonly changed: readonly UserId[];
}

/** Locks the heads of a batch. Throws HeadLocked when that takes too long. */
export async function lockBatch(
  transaction: Transaction,
  batch: readonly AppendRequest[],
  skipLocked: boolean,
): Promise<LockedHeads> {
  const conversations = new Set<ConversationId>();
  for (const { conversation } of batch) conversations.add(conversation);
  try {
    return await lockHeads(transaction, conversations, skipLocked);
  } catch (error) {
    if (failureKind(error) === 'locked') throw new HeadLocked('a head is locked', { cause: error });
    throw error;
  }
}

/** One batch in one transaction: locks, reads, plans, and leaves the writing to the transaction's last flight. */
export class LogAttempt {
  readonly #transaction: Transaction;
  readonly #batch: readonly AppendRequest[];
  readonly #memory: LaneMemory;
  readonly #mode: Mode;
  readonly #rows: PlannedRow[] = [];
  readonly #membership = new MembershipChanges();
  /** Conversations whose members were changed. */
  readonly #changed = new Set<ConversationId>();
  /** By id, as they were locked. */
  #heads: ReadonlyMap<ConversationId, LockedHead> = new Map();

  constructor(
    transaction: Transaction,
    batch: readonly AppendRequest[],
    { memory, mode }: { memory: LaneMemory; mode: Mode },
  ) {
    this.#transaction = transaction;
    this.#batch = batch;
    this.#memory = memory;
    this.#mode = mode;
  }

  async run(): Promise<Attempt> {
    const results = await this.plan();
    const changed = await this.#write();
    return { results, changed };
  }

  /** The rows that would be inserted. */
  get rows(): readonly PlannedRow[] {
    return this.#rows;
  }

  /** Takes out of memory what is not true because the transaction failed. What was read under its locks stays. */
  forget(): void {
    for (const row of this.#rows) this.#memory.ids.remove(row);
    for (const conversation of this.#changed) this.#memory.rules.drop(conversation);
  }

  async plan(): Promise<(AppendResult | undefined)[]> {
    const { skipLocked, shiftMs } = this.#mode;
    const { heads, nowMs } = await lockBatch(this.#transaction, this.#batch, skipLocked);
    this.#heads = heads;
    await loadParties(this.#transaction, this.#batch, this.#memory.rules);
    await loadPasts(this.#transaction, this.#wantedIds(), this.#memory.ids);
    const parts = { heads, ...this.#memory };
    const members = await loadRules(this.#transaction, this.#batch, parts);
    const view = new BatchView({ ...parts, members });
    const draws = { now: nowMs + shiftMs, tag: randomTag };
    return this.#batch.map((request) => this.#planOne(request, view, draws));
  }

  #wantedIds(): PastKey[] {
    if (!this.#mode.lookUp) return unknownIds(this.#batch, this.#memory.ids);
    return this.#batch.flatMap(({ conversation, author, clientId, after }) => {
      const own: PastKey = [clientId, conversation, author];
      return after === null ? [own] : [own, [after, conversation, author]];
    });
  }

  #planOne(request: AppendRequest, view: BatchView, draws: Parameters<typeof planAppend>[2]): AppendResult | undefined {
    if (this.#mode.bad.has(request)) return { state: 'refused', code: 'internal' };
    const head = view.turnTo(request);
    const { rules, ids } = this.#memory;
    // The conversation exists, and its head was passed over.
    if (head === undefined && rules.get(request.conversation) !== undefined) return undefined;
    const { result, row, changes } = planAppend(request, view, draws);
    if (row === undefined || head === undefined) return result;
    this.#rows.push(row);
    moveHead(head, row);
    const { conversation, author, clientId, kind, hash, seq, ord, tag, time } = row;
    ids.add({ conversation, author, clientId, kind, hash, seq, ord, tag, time });
    for (const change of changes) {
      this.#membership.add(row, change, view.standing(change.user) !== 'none');
      view.note(change, row.seq);
    }
    if (changes.length > 0) this.#changeRules(head);
    return result;
  }

  #changeRules(head: LockedHead): void {
    changeRules(head);
    this.#changed.add(head.conversation);
    const known = this.#memory.rules.get(head.conversation);
    // Nobody else has seen that number, so what is known under it is what this transaction makes true.
    if (known !== undefined) known.rules = head.rules;
  }

  async #write(): Promise<UserId[]> {
    const transaction = this.#transaction;
    if (this.#rows.length === 0) return [];
    const changed = await this.#writeMembership();
    await insertEntries(transaction, this.#rows);
    const moved = [...this.#heads.values()].filter(({ isMoved }) => isMoved);
    writeHeads(transaction, moved);
    transaction.tell({ heads: moved, users: changed });
    return changed;
  }

  async #writeMembership(): Promise<UserId[]> {
    if (this.#membership.isEmpty) return [];
    const revisions = await Revisions.lock(this.#transaction, this.#membership.users());
    this.#membership.write(this.#transaction, revisions);
    return revisions.flush(this.#transaction);
  }
}
