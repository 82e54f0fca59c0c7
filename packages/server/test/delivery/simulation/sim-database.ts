import type { GroupId, MemberRole, Ord, Seq, Tag, UserId } from '@parley/protocol';
import { type AppendView, type PlannedRow, planAppend } from '../../../src/chat/append-plan.ts';
import type {
  AppendRequest,
  AppendResult,
  Conversation,
  ConversationId,
  Entry,
  EntryPage,
  Head,
  Membership,
  PageLimit,
  StatePage,
  StateRow,
  StateVersion,
  Stay,
} from '../../../src/chat/ports/index.ts';

interface Member {
  role: MemberRole;
  stays: { from: Seq; to: Seq | null }[];
  readSeq: Seq;
  rev: number;
}

interface Log {
  readonly conversation: Conversation;
  readonly entries: (Entry & { readonly hash: number })[];
  readonly members: Map<UserId, Member>;
}

interface Account {
  rev: number;
  versions: StateVersion[];
}

/** What is in the database: plain values, so that a copy is a backup. */
interface Tables {
  readonly logs: Map<ConversationId, Log>;
  readonly accounts: Map<UserId, Account>;
}

/** The truth of a simulated cluster: a synchronous store in memory, with the planner that real stores use. */
export class SimDatabase {
  readonly #drawTag: () => Tag;
  #tables: Tables = { logs: new Map(), accounts: new Map() };
  #nextId = 1;

  constructor(drawTag: () => Tag) {
    this.#drawTag = drawTag;
  }

  get conversations(): Conversation[] {
    return [...this.#tables.logs.values()].map(({ conversation }) => conversation);
  }

  backup(): Tables {
    return structuredClone(this.#tables);
  }

  /** What happened since the backup is gone. Ids are not used again. */
  restore(backup: Tables): void {
    this.#tables = structuredClone(backup);
  }

  createUser(user: UserId): void {
    this.#tables.accounts.set(user, { rev: 0, versions: [] });
  }

  createGroup(creator: UserId): Conversation {
    const id = this.#nextId as ConversationId;
    this.#nextId += 1;
    const group = id as number as GroupId;
    const log = this.#createLog({ kind: 'group', id, group, address: `g${id}` });
    const request = { ...bareRequest(id, creator), kind: 'create' as const };
    const row = { ...request, seq: 1 as Seq, ord: 0 as Ord, tag: this.#drawTag(), time: 0 };
    this.#insert(row);
    this.#enter(log, creator, { from: 1 as Seq, role: 'owner' });
    return log.conversation;
  }

  openDirect(one: UserId, other: UserId): Conversation {
    const [low, high] = one < other ? [one, other] : [other, one];
    const address = `d${low}-${high}`;
    const found = this.conversations.find((conversation) => conversation.address === address);
    if (found !== undefined) return found;
    const id = this.#nextId as ConversationId;
    this.#nextId += 1;
    const log = this.#createLog({ kind: 'direct', id, address, low, high });
    for (const user of new Set([low, high])) this.#enter(log, user, { from: 1 as Seq, role: 'member' });
    return log.conversation;
  }

  append(batch: readonly AppendRequest[]): { results: AppendResult[]; changed: UserId[] } {
    const before = new Map([...this.#tables.accounts].map(([user, { rev }]) => [user, rev]));
    const results = batch.map((request) => this.#appendOne(request));
    const changed = [...this.#tables.accounts].filter(([user, { rev }]) => before.get(user) !== rev);
    return { results, changed: changed.map(([user]) => user) };
  }

  /** As the port says: what is there counts as fresh, for nobody was told of it. */
  find(request: AppendRequest): AppendResult | undefined {
    const past = this.#view.past(request.conversation, request.author, request.clientId);
    if (past === undefined) return undefined;
    const { result } = planAppend(request, this.#view, { now: 0, tag: this.#drawTag });
    return result.state === 'refused' ? result : { ...result, fresh: true };
  }

  entries(conversation: ConversationId): readonly Entry[] {
    return this.#tables.logs.get(conversation)?.entries ?? [];
  }

  head(conversation: ConversationId): Head {
    const last = this.entries(conversation).at(-1);
    return last === undefined ? { seq: 0 as Seq, ord: 0 as Ord, tag: 0 as Tag } : pickHead(last);
  }

  readForward(conversation: ConversationId, from: Seq, limit: PageLimit): EntryPage {
    const start = Math.max(1, from) - 1;
    return {
      head: this.head(conversation),
      entries: this.entries(conversation).slice(start, start + limit.entries),
    };
  }

  memberships(user: UserId): Membership[] {
    return [...this.#tables.logs.keys()].flatMap((id) => this.membership(user, id) ?? []);
  }

  membership(user: UserId, id: ConversationId): Membership | undefined {
    const log = this.#tables.logs.get(id);
    const member = log?.members.get(user);
    if (log === undefined || member === undefined) return undefined;
    const stays: Stay[] = member.stays.map((stay) => ({ ...stay }));
    return { conversation: log.conversation, stays, readSeq: member.readSeq, classicSeq: 0 as Seq };
  }

  version(user: UserId): StateVersion {
    return this.#account(user).versions.at(-1) ?? { rev: 0, tag: 0 as Tag };
  }

  readState(user: UserId, since: StateVersion, options: { limit: number; paging: boolean }): StatePage {
    const { versions } = this.#account(user);
    const isKnown = options.paging || versions.some(({ rev, tag }) => rev === since.rev && tag === since.tag);
    const full = since.rev === 0 || !isKnown;
    const rows = this.#rows(user).filter((row) => row.rev > (full ? 0 : since.rev));
    const page = rows.slice(0, options.limit);
    const more = page.length < rows.length;
    const version = more ? { rev: page.at(-1)?.rev ?? 0, tag: 0 as Tag } : this.version(user);
    return { full, rows: page, version, more };
  }

  #rows(user: UserId): StateRow[] {
    const rows = [...this.#tables.logs.values()].flatMap((log): StateRow[] => {
      const member = log.members.get(user);
      if (member === undefined) return [];
      const { conversation } = log;
      const left = member.stays.at(-1)?.to !== null;
      const { seq, ord } = this.head(conversation.id);
      const positions = { readSeq: member.readSeq, readOrd: 0 as Ord, deliveredSeq: 0 as Seq };
      const names = { name: '', description: '' };
      const { role, rev } = member;
      return [{ row: 'conversation', rev, conversation, ...names, role, left, head: { seq, ord }, ...positions }];
    });
    return rows.sort((one, other) => one.rev - other.rev);
  }

  #createLog(conversation: Conversation): Log {
    const log: Log = { conversation, entries: [], members: new Map() };
    this.#tables.logs.set(conversation.id, log);
    return log;
  }

  #appendOne(request: AppendRequest): AppendResult {
    const { result, row, changes } = planAppend(request, this.#view, { now: 0, tag: this.#drawTag });
    if (row === undefined) return result;
    this.#insert(row);
    const log = this.#log(request.conversation);
    for (const { user, does, role } of changes) {
      if (does === 'enter') this.#enter(log, user, { from: row.seq, role });
      else this.#change(log, user, does === 'exit' ? { to: row.seq } : { role });
    }
    return result;
  }

  #insert(row: Omit<PlannedRow, 'kind'> & Pick<Entry, 'kind'>): void {
    const { after: _, ...entry } = row as typeof row & { after?: unknown };
    this.#log(row.conversation).entries.push({ ...entry, authorName: `user${row.author}`, targetName: null });
  }

  #enter(log: Log, user: UserId, { from, role }: { from: Seq; role: MemberRole }): void {
    const stays = [...(log.members.get(user)?.stays ?? []), { from, to: null }];
    log.members.set(user, { role, stays, readSeq: (from - 1) as Seq, rev: this.#nextRev(user) });
  }

  #change(log: Log, user: UserId, change: { to: Seq } | { role: MemberRole }): void {
    const member = log.members.get(user);
    const stay = member?.stays.at(-1);
    if (member === undefined || stay === undefined) throw new Error('no such member');
    if ('to' in change) stay.to = change.to;
    else member.role = change.role;
    member.rev = this.#nextRev(user);
  }

  #nextRev(user: UserId): number {
    const account = this.#account(user);
    account.rev += 1;
    account.versions = [...account.versions, { rev: account.rev, tag: this.#drawTag() }].slice(-32);
    return account.rev;
  }

  #account(user: UserId): Account {
    const account = this.#tables.accounts.get(user);
    if (account === undefined) throw new Error('no such user');
    return account;
  }

  #log(conversation: ConversationId): Log {
    const log = this.#tables.logs.get(conversation);
    if (log === undefined) throw new Error('no such conversation');
    return log;
  }

  readonly #view: AppendView = {
    parties: (id) => {
      const found = this.#tables.logs.get(id)?.conversation;
      return found?.kind === 'direct' ? [found.low, found.high] : found && 'group';
    },
    head: (id) => ({ ...this.head(id), time: 0 }),
    role: (id, user) => {
      const member = this.#log(id).members.get(user);
      return member?.stays.at(-1)?.to === null ? member.role : undefined;
    },
    wasMember: (id, user) => this.#log(id).members.has(user),
    hasBlocked: () => false,
    past: (id, author, clientId) =>
      this.#tables.logs.get(id)?.entries.find((entry) => entry.author === author && entry.clientId === clientId),
    memberCount: (id) => this.#present(id).length,
    heir: (id, leaving) => this.#present(id).find((user) => user !== leaving),
  };

  #present(id: ConversationId): UserId[] {
    return [...this.#log(id).members].filter(([, { stays }]) => stays.at(-1)?.to === null).map(([user]) => user);
  }
}

function pickHead({ seq, ord, tag }: Entry): Head {
  return { seq, ord, tag };
}

function bareRequest(conversation: ConversationId, author: UserId) {
  const content = { text: null, target: null, role: null };
  return { conversation, author, clientId: `created-${conversation}`, hash: 0, ...content };
}
