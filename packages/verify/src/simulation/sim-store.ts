import type { Ord, Seq, UserId } from '@parley/protocol';
import {
  type AppendRequest,
  type AppendResult,
  type CommitOutcome,
  type ConversationId,
  type LogLane,
  type Membership,
  type PositionMove,
  type SettleOutcome,
  type StateRow,
  type StateVersion,
  type Store,
  StoreUnavailable,
} from '@parley/server/ports';
import { type Host, Link, type SimDatabase, StatementFailed } from './database.ts';
import type { OwnWriters } from './own-writers.ts';
import { applyPlan, findResult, headOf, planBatch, type RoleLens, type Tables, touchMember } from './tables.ts';

/** Rows of one page: so few that small logs have several. */
const PAGE_ROWS = 3;
const TRIES = 5;

/** Mistakes that a store could make, put in on purpose. */
export interface StoreMistakes {
  /** `done` is told when the batch is planned, not when it is committed. */
  readonly answersBeforeCommit?: boolean;
  /** Roles are taken from memory, whatever the locked rows say. */
  readonly cachesMembers?: boolean;
}

/** One node's store, as the MySQL store works: a lane is a connection; lock the heads, read, then write and commit. */
export class SimStore {
  readonly #database: SimDatabase;
  readonly #host: Host;
  readonly #writers: OwnWriters;
  readonly #now: () => number;
  readonly #mistakes: StoreMistakes;
  readonly #lanes = new Map<LogLane, { readonly link: Link; readonly writer: number }>();
  readonly #roles = new Map<string, ReturnType<RoleLens>>();
  /** The call before, by lane. */
  readonly #before = new Map<LogLane, Promise<unknown>>();

  constructor(
    database: SimDatabase,
    host: Host,
    options: { writers: OwnWriters; now: () => number; mistakes: StoreMistakes },
  ) {
    this.#database = database;
    this.#host = host;
    this.#writers = options.writers;
    this.#now = options.now;
    this.#mistakes = options.mistakes;
  }

  /** The part of the port that delivery uses. */
  get port(): Store {
    return this as unknown as Store;
  }

  commit(batch: readonly AppendRequest[], lane: LogLane): Promise<CommitOutcome> {
    return this.#inTurn(lane, () => this.#commit(batch, lane));
  }

  /** Under the locks of the same heads: so the old transaction is over. */
  settle(batch: readonly AppendRequest[], lane: LogLane): Promise<SettleOutcome> {
    return this.#inTurn(lane, async (): Promise<SettleOutcome> => {
      const { link } = this.#lane(lane);
      try {
        await link.lock(
          batch.map(({ conversation }) => conversation),
          false,
        );
        const results = await link.run('look up', () => batch.map((request) => this.#lookUp(request)));
        await link.run('rollback', () => link.locks.clear());
        return { state: 'settled', results };
      } catch {
        this.#giveUp(lane);
        return { state: 'unknown' };
      }
    });
  }

  readForward: Store['readForward'] = (conversation, from, limit) => {
    return this.#read(`page ${conversation} ${from}`, ({ logs }) => {
      const log = logs.get(conversation);
      const start = Math.max(1, from) - 1;
      const entries = log?.entries.slice(start, start + Math.min(limit.entries, PAGE_ROWS)) ?? [];
      return { head: headOf(log), entries };
    });
  };

  heads: Store['heads'] = (ids) =>
    this.#read(`heads ${ids.join(',')}`, ({ logs }) => ids.map((id) => headOf(logs.get(id))));

  memberships: Store['memberships'] = (user, after) => {
    return this.#read(`memberships ${user}`, (tables) =>
      [...tables.logs.keys()].filter((id) => id > after).flatMap((id) => membershipOf(tables, user, id) ?? []),
    );
  };

  membership: Store['membership'] = (user, id) => {
    return this.#read(`membership ${user} ${id}`, (tables) => membershipOf(tables, user, id));
  };

  readState: Store['readState'] = (user, since, { paging }) => {
    return this.#read(`state ${user}`, (tables) => {
      const versions = tables.versions.get(user) ?? [];
      const isKnown = versions.some(({ rev, tag }) => tag === since.tag && (paging || rev === since.rev));
      const full = since.rev === 0 || !isKnown;
      const rows = rowsOf(tables, user).filter((row) => row.rev > (full ? 0 : since.rev));
      const version: StateVersion = versions.at(-1) ?? { rev: 0, tag: 0 as never };
      return { full, rows, version, more: false };
    });
  };

  findOutcome: Store['findOutcome'] = (conversation, author, clientId) => {
    const asked = { conversation, author, clientId, kind: 'cancel', hash: 0, after: null, authorName: '' } as const;
    const request: AppendRequest = { ...asked, text: null, target: null, role: null };
    return this.#read('outcome', (tables) => findResult(tables, request));
  };

  movePositions: Store['movePositions'] = (moves) => {
    return this.#read('positions', (tables) => {
      const moved = moves.filter((move) => movePosition(tables, move));
      for (const { user, conversation } of moved) touchMember(tables, user, conversation);
      return [...new Set(moved.map(({ user }) => user))];
    });
  };

  /** The node crashed. */
  cut(): void {
    for (const link of this.#database.links) if (link.host === this.#host) link.close();
  }

  async #commit(batch: readonly AppendRequest[], lane: LogLane): Promise<CommitOutcome> {
    let skipLocked = false;
    for (let tries = 1; ; tries += 1) {
      const { link, writer } = this.#lane(lane);
      try {
        return await this.#attempt(batch, { link, writer, skipLocked, lane });
      } catch (error) {
        const why = error instanceof StatementFailed ? error.why : 'lost';
        // A link that does not roll back is cut, and then the database does.
        if (why === 'lost' || why === 'unknown') this.#giveUp(lane);
        else link.locks.clear();
        if (why === 'unknown') return { state: 'unknown' };
        if (why === 'lost' || tries === TRIES || (why === 'locked' && skipLocked))
          return { state: 'failed', reason: why };
        if (why === 'locked') skipLocked = true;
      }
    }
  }

  async #attempt(
    batch: readonly AppendRequest[],
    { link, writer, skipLocked, lane }: { link: Link; writer: number; skipLocked: boolean; lane: LogLane },
  ): Promise<CommitOutcome> {
    const locked = await link.lock(
      batch.map(({ conversation }) => conversation),
      skipLocked,
    );
    const lens = this.#mistakes.cachesMembers ? this.#cachedRole : undefined;
    const plan = await link.run('read', () =>
      planBatch(this.#database.tables, batch, { locked, now: this.#now(), lens }),
    );
    const n = this.#writers.lastOf(writer) + 1;
    const hasNews = plan.rows.length > 0;
    const committing = link.commit(() => applyPlan(this.#database.tables, plan, { writer, n }));
    const told = committing.then((changed) => {
      if (hasNews) this.#writers.wrote(writer, n);
      return changed;
    });
    if (this.#mistakes.answersBeforeCommit) {
      this.#before.set(
        lane,
        told.catch(() => undefined),
      );
      return { state: 'done', results: plan.results, changed: [] };
    }
    const changed = await told;
    return { state: 'done', results: plan.results, changed };
  }

  #lookUp(request: AppendRequest): AppendResult | undefined {
    const found = findResult(this.#database.tables, request);
    return found === undefined || found.state === 'refused' ? found : { ...found, fresh: true };
  }

  readonly #cachedRole: RoleLens = (conversation, user, role) => {
    const key = `${conversation} ${user}`;
    if (this.#roles.get(key) === undefined) this.#roles.set(key, role);
    return this.#roles.get(key);
  };

  async #inTurn<T>(lane: LogLane, call: () => Promise<T>): Promise<T> {
    await this.#before.get(lane);
    return await call();
  }

  #lane(lane: LogLane): { link: Link; writer: number } {
    const known = this.#lanes.get(lane);
    if (known !== undefined && known.link.isLost) this.#giveUp(lane);
    let open = this.#lanes.get(lane);
    if (open === undefined) {
      const writer = this.#writers.begin();
      // Registered before its first row, so that readers look for it.
      this.#database.tables.writers.add(writer);
      open = { link: new Link(this.#database, this.#host, lane), writer };
      this.#lanes.set(lane, open);
    }
    return open;
  }

  #giveUp(lane: LogLane): void {
    const open = this.#lanes.get(lane);
    this.#lanes.delete(lane);
    if (open === undefined) return;
    open.link.close();
    this.#writers.gaveUp(open.writer);
  }

  async #read<T>(label: string, run: (tables: Tables) => T): Promise<T> {
    const link = new Link(this.#database, this.#host, 'read');
    try {
      return await link.run(label, () => run(this.#database.tables));
    } catch {
      throw new StoreUnavailable('simulated');
    } finally {
      link.close();
    }
  }
}

function membershipOf({ logs, positions }: Tables, user: UserId, id: ConversationId): Membership | undefined {
  const log = logs.get(id);
  const member = log?.members.get(user);
  if (log === undefined || member === undefined) return undefined;
  const readSeq = positions.get(`${user} ${id}`)?.read ?? (0 as Seq);
  return { conversation: log.conversation, stays: member.stays, readSeq, classicSeq: 0 as Seq };
}

function rowsOf({ logs, positions }: Tables, user: UserId): StateRow[] {
  const rows = [...logs].flatMap(([id, log]): StateRow[] => {
    const member = log.members.get(user);
    if (member === undefined) return [];
    const { read, delivered } = positions.get(`${user} ${id}`) ?? { read: 0 as Seq, delivered: 0 as Seq };
    const { seq, ord } = headOf(log);
    const left = member.stays.at(-1)?.to !== null;
    const at = { head: { seq, ord }, readSeq: read, readOrd: 0 as Ord, deliveredSeq: delivered };
    const { role, rev } = member;
    return [{ row: 'conversation', rev, conversation: log.conversation, name: '', description: '', role, left, ...at }];
  });
  return rows.toSorted((one, other) => one.rev - other.rev);
}

/** Whether it moved. */
function movePosition({ logs, positions }: Tables, { user, conversation, which, to, base }: PositionMove): boolean {
  const log = logs.get(conversation);
  const key = `${user} ${conversation}`;
  const { read, delivered } = positions.get(key) ?? { read: 0 as Seq, delivered: 0 as Seq };
  const seq = Math.min(to, headOf(log).seq) as Seq;
  const readOrd = log?.entries[read - 1]?.ord ?? 0;
  if (which === 'classic' || readOrd < base || seq <= (which === 'read' ? read : delivered)) return false;
  const moved = { read: which === 'read' ? seq : read, delivered: Math.max(seq, delivered) as Seq };
  positions.set(key, moved);
  return true;
}
