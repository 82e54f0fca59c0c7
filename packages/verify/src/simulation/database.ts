import type { ConversationId } from '@parley/server/ports';
import type { FaultBudget, Step } from './step.ts';
import { copyTables, type Tables } from './tables.ts';

/** How long a lock is waited for, in milliseconds. */
const LOCK_WAIT_MS = 2_000;
/** How long an idle transaction may hold locks, in milliseconds. */
const IDLE_MS = 3_000;

/** Why a statement failed. `lost`: the connection is gone. `unknown`: it went in COMMIT. */
export class StatementFailed extends Error {
  override readonly name = 'StatementFailed';
  readonly why: 'lost' | 'unknown' | 'locked' | 'deadlock';

  constructor(why: StatementFailed['why']) {
    super(why);
    this.why = why;
  }
}

/** Who runs statements: only what is up gets answers. */
export interface Host {
  readonly name: string;
  readonly isRunning: boolean;
}

interface Statement {
  readonly label: string;
  /** Undefined: not yet, a lock is missing. */
  attempt(): { readonly value: unknown } | undefined;
  readonly isCommit: boolean;
  deadlineMs: number;
  outcome: { readonly value: unknown } | { readonly error: StatementFailed } | undefined;
  resolve(value: unknown): void;
  reject(error: StatementFailed): void;
}

/** One connection of a node. It runs one statement at a time and holds locks until its transaction ends. */
export class Link {
  readonly host: Host;
  readonly name: string;
  readonly #database: SimDatabase;
  readonly locks = new Set<ConversationId>();
  statement: Statement | undefined;
  /** The database or the network ended it. */
  isLost = false;
  /** A COMMIT that was sent over it and may still be carried out. */
  late: Statement | undefined;
  idleSinceMs = 0;

  constructor(database: SimDatabase, host: Host, name: string) {
    this.#database = database;
    this.host = host;
    this.name = name;
    database.links.add(this);
  }

  /** Locks heads in the order of their ids, waiting for each; `skipLocked` passes over those that are held. */
  lock(ids: readonly ConversationId[], skipLocked: boolean): Promise<ReadonlySet<ConversationId>> {
    const wanted = [...new Set(ids)].sort((one, other) => one - other);
    return this.#send(`lock ${wanted.join(',')}`, () => this.#acquire(wanted, skipLocked));
  }

  /** One statement, which sees what is committed when it is carried out. */
  run<T>(label: string, execute: () => T): Promise<T> {
    return this.#send(label, () => ({ value: execute() }));
  }

  /** The last flight: all writes and COMMIT, as one. */
  commit<T>(apply: () => T): Promise<T> {
    return this.#send('commit', () => ({ value: apply() }), true);
  }

  /** The node gives it up. */
  close(): void {
    this.#database.drop(this);
  }

  #acquire(wanted: readonly ConversationId[], skipLocked: boolean): { value: ReadonlySet<ConversationId> } | undefined {
    for (const id of wanted) {
      const isHeld = this.#database.isHeldByAnother(id, this);
      if (!isHeld) this.locks.add(id);
      else if (!skipLocked) return undefined;
    }
    return { value: new Set(this.locks) };
  }

  #send<T>(label: string, attempt: () => { value: T } | undefined, isCommit = false): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.isLost) {
        reject(new StatementFailed('lost'));
        return;
      }
      const take = resolve as (value: unknown) => void;
      this.statement = { label, attempt, isCommit, deadlineMs: 0, outcome: undefined, resolve: take, reject };
    });
  }
}

/**
 * A database that works statement by statement: locks on heads, waits, time-outs, READ COMMITTED, a COMMIT whose end may
 * be unknown and may still come. What can happen next are its steps; a statement is carried out in one, answered in another.
 */
export class SimDatabase {
  readonly links = new Set<Link>();
  readonly #faults: FaultBudget;
  readonly #now: () => number;
  tables: Tables;
  #lastNumber: number;

  constructor(tables: Tables, faults: FaultBudget, now: () => number) {
    this.tables = tables;
    this.#lastNumber = tables.logs.size;
    this.#faults = faults;
    this.#now = now;
  }

  /** The number of a new conversation. An older copy does not give those again that it does not know. */
  drawNumber(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }

  /** Whether another transaction holds this head. */
  isHeldByAnother(id: ConversationId, link: Link): boolean {
    for (const other of this.links) if (other !== link && other.locks.has(id)) return true;
    return false;
  }

  steps(): Step[] {
    return [...this.links].flatMap((link) => this.#stepsOf(link));
  }

  /** Time has passed: who waited too long for a lock is told so, and idle transactions are ended. */
  tick(): void {
    const now = this.#now();
    for (const link of this.links) {
      const { statement } = link;
      const isWaiting = statement !== undefined && statement.outcome === undefined && statement.deadlineMs > 0;
      if (isWaiting && statement.deadlineMs <= now) statement.outcome = { error: new StatementFailed('locked') };
      const isIdle = link.locks.size > 0 && link.late === undefined && statement?.outcome !== undefined;
      const isForgotten = link.locks.size > 0 && link.late === undefined && statement === undefined;
      if ((isIdle || isForgotten) && now - link.idleSinceMs >= IDLE_MS) this.#end(link);
    }
  }

  /** The node is gone or gave the link up. A COMMIT that was on its way may still be carried out. */
  drop(link: Link): void {
    const { statement } = link;
    link.isLost = true;
    link.statement = undefined;
    if (statement?.isCommit === true && statement.outcome === undefined) link.late = statement;
    if (link.late === undefined) this.#forget(link);
  }

  /** Another copy takes the place of the data; connections do not survive that. */
  restore(copy: Tables): void {
    this.tables = copyTables(copy, this.tables.epoch + 1);
    for (const link of this.links) {
      link.late = undefined;
      const { statement } = link;
      if (statement === undefined) this.#forget(link);
      else statement.outcome = { error: new StatementFailed(statement.isCommit ? 'unknown' : 'lost') };
      link.isLost = true;
      link.locks.clear();
    }
  }

  /** What it holds beyond its tables, for the state's hash. */
  describe(): string[] {
    const lines = [...this.links].map((link) => {
      const { host, name, locks, statement, isLost, late } = link;
      const what = [statement?.label, statement?.deadlineMs, statement && plainOutcome(statement), late?.label];
      return JSON.stringify([host.name, name, [...locks], link.idleSinceMs, isLost, ...what]);
    });
    return lines.toSorted();
  }

  #stepsOf(link: Link): Step[] {
    const { host, name, statement, late } = link;
    const what = (text: string) => `${host.name}.${name} ${text}`;
    if (late !== undefined) {
      return [
        { kind: 'store', label: what('late commit'), run: () => this.#finishLate(link, true) },
        { kind: 'store', label: what('late rollback'), run: () => this.#finishLate(link, false) },
      ];
    }
    if (statement === undefined) return [];
    if (statement.outcome !== undefined) {
      if (!host.isRunning) return [];
      const label = what(`< ${statement.label}`);
      const told = { at: host.name, content: plainOutcome(statement) };
      return [{ kind: 'answer', label, ...told, run: () => this.#answer(link, statement) }];
    }
    const label = what(statement.label);
    const isBlocked = statement.deadlineMs > 0 && !this.#mayGoOn(link, statement);
    const plain: Step[] = isBlocked ? [] : [{ kind: 'store', label, run: () => this.#execute(link, statement) }];
    return [...plain, ...this.#faultsOf(link, statement, label)];
  }

  #mayGoOn(link: Link, statement: Statement): boolean {
    const before = new Set(link.locks);
    const outcome = statement.attempt();
    const hasMoved = outcome !== undefined || link.locks.size > before.size;
    // Only looked: what it took is given back.
    for (const id of link.locks) if (!before.has(id)) link.locks.delete(id);
    return hasMoved;
  }

  #faultsOf(link: Link, statement: Statement, label: string): Step[] {
    const steps: Step[] = [];
    const add = (fault: 'ambiguous' | 'deadlock' | 'refuse', what: string, run: () => void) => {
      if (!this.#faults.may(fault)) return;
      const take = () => {
        this.#faults.take(fault);
        run();
      };
      steps.push({ kind: 'fault', label: `${label}: ${what}`, run: take });
    };
    const fail = (why: StatementFailed['why']) => {
      statement.outcome = { error: new StatementFailed(why) };
    };
    if (statement.isCommit) {
      add('ambiguous', 'done, answer lost', () => {
        this.#carryOut(link, statement);
        this.#lose(link, statement);
      });
      add('ambiguous', 'not done, answer lost', () => {
        link.locks.clear();
        this.#lose(link, statement);
      });
      add('ambiguous', 'late, answer lost', () => {
        link.late = { ...statement };
        this.#lose(link, statement);
      });
    }
    if (statement.isCommit || statement.label.startsWith('lock')) {
      add('deadlock', 'deadlock', () => {
        link.locks.clear();
        fail('deadlock');
      });
    }
    if (!statement.isCommit) {
      add('refuse', 'connection lost', () => {
        link.locks.clear();
        link.isLost = true;
        fail('lost');
      });
    }
    return steps;
  }

  #execute(link: Link, statement: Statement): void {
    const outcome = statement.attempt();
    link.idleSinceMs = this.#now();
    if (outcome === undefined) statement.deadlineMs ||= this.#now() + LOCK_WAIT_MS;
    else statement.outcome = outcome;
    if (outcome !== undefined && statement.isCommit) link.locks.clear();
  }

  #carryOut(link: Link, statement: Statement): void {
    statement.attempt();
    link.locks.clear();
  }

  /** The node learns that the connection is gone; what is late goes on without it. */
  #lose(link: Link, statement: Statement): void {
    link.isLost = true;
    link.statement = undefined;
    statement.outcome = { error: new StatementFailed('unknown') };
    const messenger = new Link(this, link.host, `${link.name}!`);
    messenger.isLost = true;
    messenger.statement = statement;
    if (link.late === undefined) this.#forget(link);
  }

  #finishLate(link: Link, isDone: boolean): void {
    if (isDone) link.late?.attempt();
    link.late = undefined;
    this.#forget(link);
  }

  #answer(link: Link, statement: Statement): void {
    link.statement = undefined;
    link.idleSinceMs = this.#now();
    if (link.isLost) this.#forget(link);
    const { outcome } = statement;
    if (outcome === undefined) return;
    if ('error' in outcome) statement.reject(outcome.error);
    else statement.resolve(outcome.value);
  }

  #end(link: Link): void {
    link.locks.clear();
    link.isLost = true;
    const { statement } = link;
    if (statement !== undefined) statement.outcome = { error: new StatementFailed('lost') };
    else this.#forget(link);
  }

  #forget(link: Link): void {
    link.locks.clear();
    this.links.delete(link);
  }
}

function plainOutcome({ outcome }: Statement): unknown {
  if (outcome === undefined || !('error' in outcome)) return outcome;
  return outcome.error.why;
}
