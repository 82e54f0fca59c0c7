import type { DatabaseSync } from 'node:sqlite';
import type { UserId } from '@parley/protocol';
import { type AppendView, type PlanDraws, planAppend } from '../../chat/append-plan.ts';
import { BoundedCache } from '../../chat/bounded-cache.ts';
import type { SettleOutcome } from '../../chat/ports/log-store.ts';
import type { AppendRequest, AppendResult, ConversationId } from '../../chat/ports/records.ts';
import { randomTag } from '../random-tag.ts';
import type { Blocks } from './blocks.ts';
import type { EntryIndex } from './entry-index.ts';
import type { EntryLog } from './entry-log.ts';
import type { Done } from './flat-batch.ts';
import type { MembershipWriter } from './membership-writer.ts';
import type { Revisions } from './revisions.ts';
import { prepare } from './statement.ts';
import type { Write } from './transaction.ts';

/** Conversations whose people are kept in memory: they never change. */
const PARTIES_KEPT = 50_000;

/** What the log's writer works with. */
export interface LogParts {
  readonly write: Write;
  readonly log: EntryLog;
  readonly index: EntryIndex;
  readonly members: MembershipWriter;
  readonly blocks: Blocks;
  readonly revisions: Revisions;
  /** The store's clock. */
  readonly now: () => number;
}

/** Appends batches; see LogStore. Throws what a transaction throws, and then nothing is stored. */
export interface LogWriter {
  commit(batch: readonly AppendRequest[]): Done;
  settle(batch: readonly AppendRequest[]): SettleOutcome;
}

/** A batch is one transaction. Permission is judged in it, one request after the other, each seeing those before it. */
export function createLogWriter(db: DatabaseSync, parts: LogParts): LogWriter {
  const { write, log, index, members, revisions } = parts;
  const view = createView(db, parts);

  function append(request: AppendRequest, draws: PlanDraws): AppendResult {
    const { result, row, changes } = planAppend(request, view, draws);
    if (row === undefined) return result;
    log.append(row);
    if (changes.length > 0) members.apply(row, changes);
    return result;
  }

  return {
    commit(batch) {
      return write(() => {
        const draws = { now: parts.now(), tag: randomTag };
        const results = batch.map((request) => append(request, draws));
        index.step(batch.length);
        return { state: 'done', results, changed: revisions.flush() };
      });
    },
    // A COMMIT in this process never ends unknown, so there is nothing to settle but what a caller asks for.
    settle(batch) {
      return write(() => {
        const draws = { now: parts.now(), tag: randomTag };
        const results = batch.map((request) => {
          const past = log.past(request.conversation, request.author, request.clientId);
          if (past === undefined) return undefined;
          const { result } = planAppend(request, view, draws);
          return result.state === 'refused' ? result : { ...result, fresh: true };
        });
        return { state: 'settled', results };
      });
    },
  };
}

type Parties = readonly [low: UserId, high: UserId] | 'group';

function createView(db: DatabaseSync, { log, members, blocks }: LogParts): AppendView {
  const conversation = prepare<{ low: UserId | null; high: UserId | null }>(
    db,
    'SELECT low, high FROM conversation WHERE id = ?',
  );
  const known = new BoundedCache<ConversationId, Parties>(PARTIES_KEPT);

  function load(id: ConversationId): Parties | undefined {
    const row = conversation.get(id);
    if (row === undefined) return undefined;
    const parties: Parties = row.low === null || row.high === null ? 'group' : [row.low, row.high];
    known.set(id, parties);
    return parties;
  }

  return {
    parties: (id) => known.get(id) ?? load(id),
    head: log.head,
    past: log.past,
    role: members.role,
    wasMember: members.wasMember,
    memberCount: members.memberCount,
    heir: members.heir,
    hasBlocked: blocks.has,
  };
}
