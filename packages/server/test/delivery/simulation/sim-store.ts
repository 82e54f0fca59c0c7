import type { UserId } from '@parley/protocol';
import type { SeededRandom } from '@parley/testkit';
import {
  type AppendRequest,
  type CommitOutcome,
  type SettleOutcome,
  type Store,
  StoreUnavailable,
} from '../../../src/chat/ports/index.ts';
import type { SimDatabase } from './sim-database.ts';

/** Something that was asked of the database: it sees the state of one moment, and answers at a later one. */
interface Task {
  readonly lane: SimStore;
  execute: (() => void) | undefined;
  answer: () => void;
}

/** How the database behaves; probabilities. */
export interface SimFaults {
  failedCommit: number;
  unknownCommit: number;
  failedRead: number;
  unknownSettle: number;
}

/** All that is under way between the nodes and their one database. */
export class SimTraffic {
  readonly database: SimDatabase;
  readonly random: SeededRandom;
  faults: SimFaults;
  /** Rows of one page, so that small logs have many. */
  pageRows = 3;
  /**
   * Whose private state a commit of unknown outcome changed. Delivery tells those that its requests name, but who
   * inherits a group is not named, and the port does not say it: they hear of it as of a lost hint.
   */
  readonly heirs = new Set<UserId>();
  #tasks: Task[] = [];

  constructor(database: SimDatabase, random: SeededRandom, faults: SimFaults) {
    this.database = database;
    this.random = random;
    this.faults = faults;
  }

  get isIdle(): boolean {
    return this.#tasks.length === 0;
  }

  add(task: Task): void {
    this.#tasks.push(task);
  }

  /** One task goes one step on. */
  step(): void {
    const task = this.random.pick(this.#tasks);
    if (task === undefined) return;
    if (task.execute === undefined) {
      this.#tasks.splice(this.#tasks.indexOf(task), 1);
      task.answer();
    } else {
      const execute = task.execute;
      task.execute = undefined;
      execute();
    }
  }

  /** A node is gone: what it asked for may still happen, but nobody hears of it. */
  cut(lane: SimStore): void {
    lane.isCut = true;
    for (const task of this.#tasks.filter((task) => task.lane === lane)) {
      if (task.execute !== undefined && this.random.chance(0.5)) task.execute();
    }
    this.#tasks = this.#tasks.filter((task) => task.lane !== lane);
  }
}

/** One node's connection to the database. */
export class SimStore {
  readonly #traffic: SimTraffic;
  /** Transactions whose connection broke but which the database may still commit. */
  readonly #late = new Set<AppendRequest>();
  isCut = false;

  constructor(traffic: SimTraffic) {
    this.#traffic = traffic;
  }

  /** The part of the port that delivery uses. */
  get port(): Store {
    return this as unknown as Store;
  }

  commit(batch: readonly AppendRequest[]): Promise<CommitOutcome> {
    return this.#ask(() => this.#commitNow(batch));
  }

  settle(batch: readonly AppendRequest[]): Promise<SettleOutcome> {
    return this.#ask(() => this.#settleNow(batch));
  }

  readForward: Store['readForward'] = (conversation, from, limit) => {
    const entries = Math.min(limit.entries, this.#traffic.pageRows);
    return this.#read(() => this.#traffic.database.readForward(conversation, from, { ...limit, entries }));
  };

  heads: Store['heads'] = (ids) => this.#read(() => ids.map((id) => this.#traffic.database.head(id)));

  memberships: Store['memberships'] = (user) => this.#read(() => this.#traffic.database.memberships(user));

  membership: Store['membership'] = (user, id) => this.#read(() => this.#traffic.database.membership(user, id));

  readState: Store['readState'] = (user, since, { paging }) => {
    return this.#read(() => this.#traffic.database.readState(user, since, { limit: 2, paging }));
  };

  movePositions: Store['movePositions'] = () => this.#read(() => []);

  #commitNow(batch: readonly AppendRequest[]): CommitOutcome {
    const { random, faults, database } = this.#traffic;
    if (random.chance(faults.failedCommit)) return { state: 'failed', reason: 'simulated' };
    if (!random.chance(faults.unknownCommit)) return { state: 'done', ...database.append(batch) };
    const fate = random.below(3);
    if (fate === 0) this.#commitUntold(batch);
    if (fate === 1) this.#commitLate(batch);
    return { state: 'unknown' };
  }

  #commitUntold(batch: readonly AppendRequest[]): void {
    for (const user of this.#traffic.database.append(batch).changed) this.#traffic.heirs.add(user);
  }

  #commitLate(batch: readonly AppendRequest[]): void {
    const first = batch[0] as AppendRequest;
    this.#late.add(first);
    const execute = () => {
      if (this.#late.delete(first)) this.#commitUntold(batch);
    };
    this.#traffic.add({ lane: this, execute, answer: () => undefined });
  }

  /** Has the locks of the same heads, so the late transaction is over: committed before, or fenced for good. */
  #settleNow(batch: readonly AppendRequest[]): SettleOutcome {
    const { random, faults, database } = this.#traffic;
    if (random.chance(faults.unknownSettle)) return { state: 'unknown' };
    this.#late.delete(batch[0] as AppendRequest);
    return { state: 'settled', results: batch.map((request) => database.find(request)) };
  }

  #read<T>(run: () => T): Promise<T> {
    return this.#ask(() => {
      const isDown = this.#traffic.random.chance(this.#traffic.faults.failedRead);
      return isDown ? new StoreUnavailable('simulated') : run();
    });
  }

  #ask<T>(run: () => T | StoreUnavailable): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.isCut) return;
      const execute = () => {
        const outcome = run();
        task.answer = () => (outcome instanceof StoreUnavailable ? reject(outcome) : resolve(outcome));
      };
      const task: Task = { lane: this, execute, answer: () => undefined };
      this.#traffic.add(task);
    });
  }
}
