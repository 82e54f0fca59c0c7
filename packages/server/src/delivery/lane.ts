import type { UserId } from '@parley/protocol';
import type {
  AppendRequest,
  AppendResult,
  Clock,
  CommitOutcome,
  ConversationId,
  LogLane,
  LogStore,
} from '../chat/ports/index.ts';
import { OccasionalLog } from '../observe/occasional-log.ts';
import type { DeliveryLog } from './delivery-log.ts';
import type { DeliveryStats } from './delivery-stats.ts';
import { MessageLog, type MessageLogEffects, type Pending } from './message-log.ts';

/** Called once with what became of a request. */
export type Settled = (result: AppendResult) => void;

/** What a lane tells. */
export interface LaneEvents {
  placed(batch: readonly Pending<Settled>[], results: readonly AppendResult[]): void;
  refused(pending: Pending<Settled>, code: 'store_unavailable' | 'busy'): void;
  /** Their conversation's head is locked by somebody who does not let go; nothing of them is stored. */
  stuck(pending: readonly Pending<Settled>[]): void;
  /** Rows of these users' private state changed with a batch. */
  changed(users: readonly UserId[]): void;
  /** Perhaps nothing is under way any more. */
  ended(): void;
}

/** What a lane needs. */
export interface LaneDeps {
  readonly store: Pick<LogStore, 'commit' | 'settle'>;
  readonly clock: Clock;
  readonly log: DeliveryLog;
  readonly stats: DeliveryStats;
}

/** Pause before the outcome of a commit is asked for again, in milliseconds. */
const RETRY_MS = 250;

/** One message log with its way to the store. */
export class Lane implements MessageLogEffects<Settled> {
  readonly #name: LogLane;
  readonly #deps: LaneDeps;
  readonly #events: LaneEvents;
  /** For what may go on for as long as a disk is full. */
  readonly #occasional: OccasionalLog;
  readonly #messageLog = new MessageLog<Settled>(this);
  #askedAtMs = 0;

  constructor(name: LogLane, deps: LaneDeps, events: LaneEvents) {
    this.#name = name;
    this.#deps = deps;
    this.#events = events;
    this.#occasional = new OccasionalLog(deps.log, () => deps.clock.monotonic());
  }

  get isIdle(): boolean {
    return this.#messageLog.isIdle;
  }

  append(request: AppendRequest, settled: Settled): void {
    this.#messageLog.append(request, settled);
  }

  holds(wanted: Pick<AppendRequest, 'conversation' | 'author' | 'clientId'>): boolean {
    return this.#messageLog.holds(wanted);
  }

  holdsAnyOf(conversation: ConversationId): boolean {
    return this.#messageLog.holdsAnyOf(conversation);
  }

  commit(batch: readonly AppendRequest[]): void {
    this.#askedAtMs = this.#deps.clock.monotonic();
    this.#deps.store.commit(batch, this.#name).then(
      (outcome) => this.#committed(outcome),
      (error: unknown) => {
        this.#deps.log.error({ err: error }, 'a commit had no known outcome');
        this.#committed({ state: 'unknown' });
      },
    );
  }

  gather(): void {
    setImmediate(() => this.#messageLog.begin());
  }

  settle(batch: readonly AppendRequest[]): void {
    this.#deps.store.settle(batch, this.#name).then(
      (outcome) => {
        this.#messageLog.settled(outcome);
        this.#events.changed(membersNamedIn(batch));
        this.#events.ended();
      },
      (error: unknown) => {
        this.#deps.log.error({ err: error }, 'the outcome of a commit could not be read');
        this.#messageLog.settled({ state: 'unknown' });
      },
    );
  }

  pause(): void {
    this.#deps.clock.after(RETRY_MS, () => this.#messageLog.retry());
  }

  placed(batch: readonly Pending<Settled>[], results: readonly AppendResult[]): void {
    this.#events.placed(batch, results);
  }

  refused(pending: Pending<Settled>, code: 'store_unavailable' | 'busy'): void {
    this.#events.refused(pending, code);
  }

  stuck(pending: readonly Pending<Settled>[]): void {
    this.#occasional.error('the head of a conversation is locked by somebody who does not let go');
    this.#deps.stats.stuck += 1;
    this.#events.stuck(pending);
  }

  #committed(outcome: CommitOutcome): void {
    this.#count(outcome);
    if (outcome.state === 'failed') this.#occasional.error('a batch could not be stored', { reason: outcome.reason });
    this.#messageLog.committed(outcome);
    if (outcome.state === 'done') this.#events.changed(outcome.changed);
    this.#events.ended();
  }

  #count({ state }: CommitOutcome): void {
    const { stats, clock } = this.#deps;
    if (state === 'failed') stats.failedCommits += 1;
    else if (state === 'unknown') stats.unknownCommits += 1;
    else {
      stats.commits += 1;
      stats.commitMs += clock.monotonic() - this.#askedAtMs;
    }
  }
}

/** Which accounts a batch changed is lost with the connection; those that its requests name are told for sure. */
function membersNamedIn(batch: readonly AppendRequest[]): UserId[] {
  return batch.flatMap(({ kind, author, target }) =>
    kind === 'message' || kind === 'cancel' ? [] : [author, target ?? author],
  );
}
