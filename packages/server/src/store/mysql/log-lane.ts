import type { Tag } from '@parley/protocol';
import { type PlannedRow, planAppend } from '../../chat/append-plan.ts';
import type { CommitOutcome, SettleOutcome } from '../../chat/ports/log-store.ts';
import type { AppendRequest, AppendResult } from '../../chat/ports/records.ts';
import { loadParties, loadPasts } from './append-loads.ts';
import { BatchView } from './append-view.ts';
import { insertEntries } from './entry-rows.ts';
import { failureKind, reasonOf } from './failure.ts';
import { KnownIds } from './known-ids.ts';
import { KnownRules } from './known-rules.ts';
import { HeadLocked, type LaneMemory, LogAttempt, lockBatch, type Mode } from './log-attempt.ts';
import type { Transaction } from './transaction.ts';
import { CommitUnknown, type Writer } from './writer.ts';

/** How often a batch is done again because of a deadlock. */
const TRIES = 20;

/**
 * One lane of the log: a connection of its own that runs one batch at a time. Two flights a batch: locks, then all that
 * is written together with COMMIT. What is not known yet costs one more between them.
 */
export class LogLaneWriter {
  readonly #writer: Writer;
  #memory: LaneMemory & { readonly writer: number } = memoryOf(0);
  readonly #shiftMs: () => number;
  #last: LogAttempt | undefined;
  /** The call before, when it is over. */
  #before: Promise<unknown> = Promise.resolve();

  constructor(writer: Writer, shiftMs: () => number) {
    this.#writer = writer;
    this.#shiftMs = shiftMs;
  }

  /** See LogStore; never rejects. Calls are carried out one after the other. */
  commit(batch: readonly AppendRequest[]): Promise<CommitOutcome> {
    return this.#inTurn(() => this.#commit(batch));
  }

  /** See LogStore; never rejects. Under the locks of the heads, so the transaction that held them is over. */
  settle(batch: readonly AppendRequest[]): Promise<SettleOutcome> {
    return this.#inTurn(() => this.#settle(batch));
  }

  #inTurn<T>(call: () => Promise<T>): Promise<T> {
    const done = this.#before.then(call);
    this.#before = done;
    return done;
  }

  async #commit(batch: readonly AppendRequest[]): Promise<CommitOutcome> {
    if (batch.length === 0) return { state: 'done', results: [], changed: [] };
    let mode: Mode = { skipLocked: false, lookUp: false, bad: new Set(), shiftMs: this.#shiftMs() };
    for (let tries = 1; ; tries += 1) {
      try {
        const attempt = await this.#writer.attempt((transaction) => this.#attempt(transaction, batch, mode).run());
        return { state: 'done', ...attempt };
      } catch (error) {
        this.#forget();
        if (error instanceof CommitUnknown) return { state: 'unknown' };
        const next = tries < TRIES ? await this.#nextMode(error, batch, mode) : undefined;
        if (next === undefined) return { state: 'failed', reason: reasonOf(error) };
        mode = next;
      }
    }
  }

  async #settle(batch: readonly AppendRequest[]): Promise<SettleOutcome> {
    try {
      return { state: 'settled', results: await this.#writer.attempt((each) => this.#lookUp(each, batch)) };
    } catch {
      return { state: 'unknown' };
    }
  }

  #attempt(transaction: Transaction, batch: readonly AppendRequest[], mode: Mode): LogAttempt {
    this.#last = new LogAttempt(transaction, batch, { memory: this.#remember(transaction), mode });
    return this.#last;
  }

  /** A new connection may lead to a server that lost what was seen over the old one: a failover. [SEND-1] */
  #remember({ writer }: Transaction): LaneMemory {
    if (this.#memory.writer !== writer) this.#memory = memoryOf(writer);
    return this.#memory;
  }

  /** Call when the last attempt is not committed, or not known to be. */
  #forget(): void {
    this.#last?.forget();
    this.#last = undefined;
  }

  /** How to try again after an error; undefined: not at all. */
  async #nextMode(error: unknown, batch: readonly AppendRequest[], mode: Mode): Promise<Mode | undefined> {
    if (error instanceof HeadLocked) return mode.skipLocked ? undefined : { ...mode, skipLocked: true };
    switch (failureKind(error)) {
      case 'deadlock':
        return mode;
      case 'duplicate':
        return mode.lookUp ? undefined : { ...mode, lookUp: true };
      case 'data':
        return this.#withoutBadRow(batch, mode);
      default:
        return undefined;
    }
  }

  /** Finds one row that the database does not take; the batch goes on without it. */
  async #withoutBadRow(batch: readonly AppendRequest[], mode: Mode): Promise<Mode | undefined> {
    let found: PlannedRow | undefined;
    try {
      await this.#writer.attempt(async (transaction) => {
        const attempt = this.#attempt(transaction, batch, mode);
        await attempt.plan();
        found = await findBadRow(transaction, attempt.rows);
        throw new Probed('nothing of this is to be committed');
      });
    } catch (error) {
      this.#forget();
      if (!(error instanceof Probed)) return undefined;
    }
    const bad = batch.find((request) => found !== undefined && isRowOf(found, request));
    return bad && { ...mode, bad: new Set([...mode.bad, bad]) };
  }

  async #lookUp(transaction: Transaction, batch: readonly AppendRequest[]): Promise<(AppendResult | undefined)[]> {
    const { rules, ids } = this.#remember(transaction);
    const { heads, nowMs } = await lockBatch(transaction, batch, false);
    await loadParties(transaction, batch, rules);
    await loadPasts(
      transaction,
      batch.map(({ clientId, conversation, author }) => [clientId, conversation, author]),
      ids,
    );
    const view = new BatchView({ heads, rules, ids, members: new Map() });
    return batch.map((request) => {
      const past = ids.get(request.conversation, request.author, request.clientId);
      if (view.turnTo(request) === undefined || past === undefined) return undefined;
      const { result } = planAppend(request, view, { now: nowMs, tag: () => 0 as Tag });
      return result.state === 'refused' ? result : { ...result, fresh: true };
    });
  }
}

function memoryOf(writer: number): LaneMemory & { readonly writer: number } {
  return { writer, rules: new KnownRules(), ids: new KnownIds() };
}

/** Ends a transaction that was only made to find something out. */
class Probed extends Error {
  override readonly name = 'Probed';
}

/** Halves the rows until one is left that fails alone; undefined when it does not fail this time. */
async function findBadRow(transaction: Transaction, rows: readonly PlannedRow[]): Promise<PlannedRow | undefined> {
  let suspects = rows;
  while (suspects.length > 0) {
    const half = suspects.slice(0, Math.ceil(suspects.length / 2));
    const fails = await failsToInsert(transaction, half);
    if (fails && half.length === 1) return half[0];
    if (suspects.length === 1) return undefined;
    suspects = fails ? half : suspects.slice(half.length);
  }
  return undefined;
}

async function failsToInsert(transaction: Transaction, rows: readonly PlannedRow[]): Promise<boolean> {
  await transaction.run('SAVEPOINT probe', []);
  try {
    await insertEntries(transaction, rows);
    await transaction.flush();
    return false;
  } catch (error) {
    if (failureKind(error) === 'data') return true;
    throw error;
  } finally {
    await transaction.run('ROLLBACK TO SAVEPOINT probe', []);
  }
}

function isRowOf(row: PlannedRow, { clientId, conversation, author }: AppendRequest): boolean {
  return row.clientId === clientId && row.conversation === conversation && row.author === author;
}
