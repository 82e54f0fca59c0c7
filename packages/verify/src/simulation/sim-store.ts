import type { MemberRole, Ord, Seq, UserId } from '@parley/protocol';
import {
  type AppendRequest,
  type AppendResult,
  type CommitOutcome,
  type Conversation,
  type ConversationId,
  type DeviceId,
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
import {
  applyPlan,
  findResult,
  headOf,
  type Lens,
  NO_POSITION,
  planBatch,
  type Tables,
  touchMember,
} from './tables.ts';

/** Rows of one page, of a log or of private state: so few that small ones have several. */
const PAGE_ROWS = 3;
const STATE_ROWS = 2;
const TRIES = 5;

/** Mistakes that a store could make, put in on purpose. */
export interface StoreMistakes {
  /** `done` is told when the batch is planned, not when it is committed. */
  readonly answersBeforeCommit?: boolean;
  /** Roles are taken from memory, whatever the locked rows say. */
  readonly cachesMembers?: boolean;
  /** Blocks likewise. */
  readonly cachesBlocks?: boolean;
  /** Rows of the journal by writers that ended are not asked for. */
  readonly forgetsEndedWriters?: boolean;
  /** Nor are those that were read last. */
  readonly forgetsReadRows?: boolean;
  /** A version of private state is not compared with those that the account has had. */
  readonly trustsVersions?: boolean;
}

/** One node's store, as the MySQL store works: a lane is a connection; lock the heads, read, then write and commit. */
export class SimStore {
  readonly #database: SimDatabase;
  readonly #host: Host;
  readonly #writers: OwnWriters;
  readonly #now: () => number;
  readonly #mistakes: StoreMistakes;
  readonly #lanes = new Map<LogLane, { readonly link: Link; readonly writer: number }>();
  readonly #lens: Lens;
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
    this.#lens = mistakenLens(options.mistakes);
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

  readBackward: Store['readBackward'] = (conversation, before, limit) => {
    return this.#read(`page ${conversation} below ${before}`, ({ logs }) => {
      const log = logs.get(conversation);
      const below = log?.entries.filter(({ seq }) => seq < before) ?? [];
      return { head: headOf(log), entries: below.slice(-Math.min(limit.entries, PAGE_ROWS)) };
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
      const full = since.rev === 0 || !(isKnown || this.#mistakes.trustsVersions === true);
      const later = rowsOf(tables, user).filter((row) => (full ? !isTombstone(row) : row.rev > since.rev));
      const rows = later.slice(0, STATE_ROWS);
      const newest: StateVersion = versions.at(-1) ?? { rev: 0, tag: 0 as never };
      const more = later.length > rows.length;
      return { full, rows, version: more ? { rev: rows.at(-1)?.rev ?? 0, tag: newest.tag } : newest, more };
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

  get tables(): Tables {
    return this.#database.tables;
  }

  /** The conversation of two people as it is now. */
  directOf(low: UserId, high: UserId): Conversation | undefined {
    const all = [...this.#database.tables.logs.values()].map(({ conversation }) => conversation);
    return all.find((one) => one.kind === 'direct' && one.low === low && one.high === high);
  }

  /** Whether a device may log in. */
  isLive(device: DeviceId): Promise<boolean> {
    return this.#read(`device ${device}`, ({ revoked }) => !revoked.has(device));
  }

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
    const plan = await link.run('read', () =>
      planBatch(this.#database.tables, batch, { locked, now: this.#now(), lens: this.#lens }),
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

  async #inTurn<T>(lane: LogLane, call: () => Promise<T>): Promise<T> {
    await this.#before.get(lane);
    return await call();
  }

  #lane(lane: LogLane): { link: Link; writer: number } {
    const known = this.#lanes.get(lane);
    if (known !== undefined && (known.link.isLost || this.#writers.isRetired(known.writer))) this.#giveUp(lane);
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
  const { read, classic } = positions.get(`${user} ${id}`) ?? NO_POSITION;
  return { conversation: log.conversation, stays: member.stays, readSeq: read, classicSeq: classic };
}

function isTombstone(row: StateRow): boolean {
  return row.row === 'conversation' ? row.left : !row.contact.blocked;
}

function rowsOf({ logs, positions, blocks }: Tables, user: UserId): StateRow[] {
  const edges = [...blocks.values()].filter(({ owner }) => owner === user);
  const people = edges.map(({ peer, holds, rev }): StateRow => {
    const known = { user: peer, name: `user${peer}`, lastSeenAt: null, added: false, addedMe: false };
    return { row: 'contact', rev, contact: { ...known, blocked: holds } };
  });
  const rows = [...logs].flatMap(([id, log]): StateRow[] => {
    const member = log.members.get(user);
    if (member === undefined) return [];
    const { read, delivered } = positions.get(`${user} ${id}`) ?? NO_POSITION;
    const { seq, ord } = headOf(log);
    const left = member.stays.at(-1)?.to !== null;
    const at = { head: { seq, ord }, readSeq: read, readOrd: 0 as Ord, deliveredSeq: delivered };
    const { role, rev } = member;
    return [{ row: 'conversation', rev, conversation: log.conversation, name: '', description: '', role, left, ...at }];
  });
  return [...rows, ...people].toSorted((one, other) => one.rev - other.rev);
}

/** Whether it moved. */
function movePosition({ logs, positions }: Tables, { user, conversation, which, to, base }: PositionMove): boolean {
  const log = logs.get(conversation);
  const key = `${user} ${conversation}`;
  const before = positions.get(key) ?? NO_POSITION;
  const seq = Math.min(to, headOf(log).seq) as Seq;
  const readOrd = log?.entries[before.read - 1]?.ord ?? 0;
  if (readOrd < base || seq <= before[which]) return false;
  const delivered = which === 'read' ? (Math.max(seq, before.delivered) as Seq) : before.delivered;
  positions.set(key, { ...before, delivered, [which]: seq });
  // How far classic sessions were sent what was said is nobody's to see.
  return which !== 'classic';
}

function mistakenLens({ cachesMembers, cachesBlocks }: StoreMistakes): Lens {
  const roles = new Map<string, MemberRole | undefined>();
  const blocks = new Map<string, boolean>();
  return {
    ...(cachesMembers
      ? { role: (conversation, user, role) => remembered(roles, `${conversation} ${user}`, role) }
      : {}),
    ...(cachesBlocks ? { blocked: (owner, peer, holds) => remembered(blocks, `${owner} ${peer}`, holds) } : {}),
  };
}

function remembered<T>(known: Map<string, T>, key: string, value: T): T {
  const before = known.get(key);
  if (before !== undefined) return before;
  known.set(key, value);
  return value;
}
