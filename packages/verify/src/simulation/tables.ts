import type { GroupId, MemberRole, Ord, Seq, Tag, UserId } from '@parley/protocol';
import { type AppendView, type MembershipChange, type PlannedRow, planAppend } from '@parley/server/delivery';
import type {
  AppendRequest,
  AppendResult,
  Conversation,
  ConversationId,
  DeviceId,
  Entry,
  Head,
  StateVersion,
  Stay,
} from '@parley/server/ports';

/** An entry as it is stored. */
export type StoredEntry = Entry & { readonly hash: number };

/** One who is or was in a conversation. */
export interface Member {
  readonly role: MemberRole;
  readonly stays: readonly Stay[];
  readonly rev: number;
}

/** A conversation's log and members. */
export interface Log {
  readonly conversation: Conversation;
  readonly entries: StoredEntry[];
  readonly members: Map<UserId, Member>;
}

/** What one transaction told the other nodes. */
export interface JournalRow {
  readonly writer: number;
  readonly n: number;
  readonly heads: readonly { readonly conversation: ConversationId; readonly seq: Seq; readonly tag: Tag }[];
  readonly users: readonly UserId[];
  readonly revoked?: { readonly user: UserId; readonly devices: readonly DeviceId[] } | undefined;
}

/** An edge between two people, with the revision of its owner's private state. */
export interface Block {
  readonly owner: UserId;
  readonly peer: UserId;
  readonly holds: boolean;
  readonly rev: number;
}

/** How far an account has read in a conversation. */
export interface Position {
  readonly read: Seq;
  readonly delivered: Seq;
  /** How far its classic sessions were sent what was said. */
  readonly classic: Seq;
}

/** Before anything was read. */
export const NO_POSITION: Position = { read: 0 as Seq, delivered: 0 as Seq, classic: 0 as Seq };

/** What is in the database: plain values, so that a copy is a backup. */
export interface Tables {
  /** Counts restored copies, so that no two histories draw the same tags. */
  readonly epoch: number;
  readonly logs: Map<ConversationId, Log>;
  readonly versions: Map<UserId, StateVersion[]>;
  readonly positions: Map<string, Position>;
  /** Who blocks whom, as `owner peer`. An edge that was lifted stays, as a tombstone. */
  readonly blocks: Map<string, Block>;
  readonly revoked: Set<DeviceId>;
  readonly writers: Set<number>;
  readonly journal: JournalRow[];
}

/** What a batch would write. */
export interface BatchPlan {
  readonly results: readonly (AppendResult | undefined)[];
  readonly rows: readonly PlannedRow[];
  readonly changes: readonly { readonly row: PlannedRow; readonly change: MembershipChange }[];
}

/** Sees rows through something else than what is locked. Only mistakes made on purpose do. */
export interface Lens {
  role?(conversation: ConversationId, user: UserId, role: MemberRole | undefined): MemberRole | undefined;
  blocked?(owner: UserId, peer: UserId, holds: boolean): boolean;
}

/** An empty database with these users. */
export function createTables(users: readonly UserId[]): Tables {
  const versions = new Map(users.map((user) => [user, []]));
  const empty = { logs: new Map(), positions: new Map(), blocks: new Map(), revoked: new Set<DeviceId>() };
  return { epoch: 0, versions, ...empty, writers: new Set(), journal: [] };
}

/** A copy that shares nothing with the original but what never changes. */
export function copyTables(tables: Tables, epoch = tables.epoch): Tables {
  return {
    epoch,
    logs: new Map([...tables.logs].map(([id, log]) => [id, copyLog(log)])),
    versions: new Map([...tables.versions].map(([user, versions]) => [user, [...versions]])),
    positions: new Map(tables.positions),
    blocks: new Map(tables.blocks),
    revoked: new Set(tables.revoked),
    writers: new Set(tables.writers),
    journal: [...tables.journal],
  };
}

function copyLog({ conversation, entries, members }: Log): Log {
  return { conversation, entries: [...entries], members: new Map(members) };
}

/** A group whose owner is the first of its members; the others joined one after the other. */
export function createGroup(
  tables: Tables,
  members: readonly UserId[],
  { number = tables.logs.size + 1, creation }: { number?: number; creation?: string } = {},
): Conversation {
  const id = number as ConversationId;
  const conversation: Conversation = { kind: 'group', id, group: number as GroupId, address: `g${number}` };
  const log: Log = { conversation, entries: [], members: new Map() };
  tables.logs.set(id, log);
  members.forEach((user, index) => {
    const kind = index === 0 ? 'create' : 'join';
    const role: MemberRole = index === 0 ? 'owner' : 'member';
    const seq = (index + 1) as Seq;
    const clientId = (kind === 'create' ? creation : undefined) ?? `${kind}-${id}-${user}`;
    const content = { clientId, hash: 0, time: 0, text: null, target: null, role };
    const entry = { conversation: id, seq, ord: 0 as Ord, kind, author: user, ...content } as const;
    log.entries.push({ ...entry, tag: tagOf(tables, entry), authorName: `user${user}`, targetName: null });
    enter(tables, log, { user, from: seq, role });
  });
  return conversation;
}

/** A conversation of two. */
export function createDirect(
  tables: Tables,
  [low, high]: readonly [UserId, UserId],
  number: number = tables.logs.size + 1,
): Conversation {
  const id = number as ConversationId;
  const conversation: Conversation = { kind: 'direct', id, address: `d${low}-${high}`, low, high };
  const log: Log = { conversation, entries: [], members: new Map() };
  tables.logs.set(id, log);
  for (const user of [low, high]) enter(tables, log, { user, from: 1 as Seq, role: 'member' });
  return conversation;
}

/** The end of a log. */
export function headOf(log: Log | undefined): Head {
  const last = log?.entries.at(-1);
  return last === undefined
    ? { seq: 0 as Seq, ord: 0 as Ord, tag: 0 as Tag }
    : { seq: last.seq, ord: last.ord, tag: last.tag };
}

/** Plans a batch on what is stored now, in order; requests whose head is not locked get no result. */
export function planBatch(
  tables: Tables,
  batch: readonly AppendRequest[],
  { locked, now, lens }: { locked: ReadonlySet<ConversationId>; now: number; lens?: Lens | undefined },
): BatchPlan {
  const logs = new Map<ConversationId, Log>();
  for (const id of locked) {
    const log = tables.logs.get(id);
    if (log !== undefined) logs.set(id, copyLog(log));
  }
  const view = viewOf(logs, tables.blocks, lens);
  const rows: PlannedRow[] = [];
  const changes: { row: PlannedRow; change: MembershipChange }[] = [];
  const results = batch.map((request) => {
    if (!locked.has(request.conversation)) return undefined;
    const head = headOf(logs.get(request.conversation));
    const tag = () => tagOf(tables, { ...request, seq: (head.seq + 1) as Seq });
    const { result, row, changes: made } = planAppend(request, view, { now, tag });
    if (row === undefined) return result;
    rows.push(row);
    const log = logs.get(row.conversation) as Log;
    log.entries.push(entryOf(row));
    for (const change of made) {
      changes.push({ row, change });
      changeMember(log, { row, change, rev: 0 });
    }
    return result;
  });
  return { results, rows, changes };
}

/** Writes a plan, and the journal's row. Returns whose private state changed. */
export function applyPlan(tables: Tables, plan: BatchPlan, place: { writer: number; n: number }): UserId[] {
  if (plan.rows.length === 0) return [];
  for (const row of plan.rows) tables.logs.get(row.conversation)?.entries.push(entryOf(row));
  const users = new Set<UserId>();
  for (const { row, change } of plan.changes) {
    users.add(change.user);
    changeMember(tables.logs.get(row.conversation) as Log, { row, change, rev: nextRev(tables, change.user) });
  }
  const moved = new Set(plan.rows.map(({ conversation }) => conversation));
  const heads = [...moved].map((conversation) => ({ conversation, ...headOf(tables.logs.get(conversation)) }));
  tables.journal.push({ ...place, heads, users: [...users] });
  return [...users];
}

/** What is stored under a client id, as a repeat of the request is answered; undefined: nothing. */
export function findResult(tables: Tables, request: AppendRequest): AppendResult | undefined {
  const view = viewOf(tables.logs, tables.blocks);
  if (view.past(request.conversation, request.author, request.clientId) === undefined) return undefined;
  return planAppend(request, view, { now: 0, tag: () => 0 as Tag }).result;
}

/** Blocks somebody, or lifts that. @returns whose private state changed: as in the stores, both people's or nobody's */
export function setBlock(tables: Tables, { owner, peer, holds }: Omit<Block, 'rev'>): UserId[] {
  const key = `${owner} ${peer}`;
  if ((tables.blocks.get(key)?.holds ?? false) === holds) return [];
  tables.blocks.set(key, { owner, peer, holds, rev: nextRev(tables, owner) });
  nextRev(tables, peer);
  return [owner, peer];
}

/** Something of a member's own changed: a new revision for the row. */
export function touchMember(tables: Tables, user: UserId, conversation: ConversationId): void {
  const members = tables.logs.get(conversation)?.members;
  const member = members?.get(user);
  if (member !== undefined) members?.set(user, { ...member, rev: nextRev(tables, user) });
}

/** A new revision of a user's private state. */
function nextRev(tables: Tables, user: UserId): number {
  const versions = tables.versions.get(user) ?? [];
  const rev = (versions.at(-1)?.rev ?? 0) + 1;
  tables.versions.set(user, [...versions, { rev, tag: fingerprint(`${tables.epoch} ${user} ${rev}`) }].slice(-32));
  return rev;
}

function viewOf(logs: ReadonlyMap<ConversationId, Log>, blocks: Tables['blocks'], lens: Lens = {}): AppendView {
  const isPresent = (member: Member | undefined) => member?.stays.at(-1)?.to === null;
  const present = (id: ConversationId) =>
    [...(logs.get(id)?.members ?? [])].filter(([, member]) => isPresent(member)).map(([user]) => user);
  return {
    parties: (id) => {
      const found = logs.get(id)?.conversation;
      return found?.kind === 'direct' ? [found.low, found.high] : found && 'group';
    },
    head: (id) => ({ ...headOf(logs.get(id)), time: logs.get(id)?.entries.at(-1)?.time ?? 0 }),
    role: (id, user) => {
      const member = logs.get(id)?.members.get(user);
      const role = isPresent(member) ? member?.role : undefined;
      return lens.role === undefined ? role : lens.role(id, user, role);
    },
    wasMember: (id, user) => logs.get(id)?.members.has(user) === true,
    hasBlocked: (owner, peer) => {
      const holds = blocks.get(`${owner} ${peer}`)?.holds === true;
      return lens.blocked === undefined ? holds : lens.blocked(owner, peer, holds);
    },
    past: (id, author, clientId) =>
      logs.get(id)?.entries.find((entry) => entry.author === author && entry.clientId === clientId),
    memberCount: (id) => present(id).length,
    heir: (id, leaving) => {
      const others = present(id).filter((user) => user !== leaving);
      const members = logs.get(id)?.members;
      const since = (user: UserId) => members?.get(user)?.stays.at(-1)?.from ?? 0;
      const rank = (user: UserId) => (members?.get(user)?.role === 'admin' ? 0 : 1);
      return others.toSorted((one, other) => rank(one) - rank(other) || since(one) - since(other))[0];
    },
  };
}

function entryOf(row: PlannedRow): StoredEntry {
  return { ...row, authorName: `user${row.author}`, targetName: null };
}

function enter(tables: Tables, log: Log, { user, from, role }: { user: UserId; from: Seq; role: MemberRole }): void {
  log.members.set(user, { role, stays: [{ from, to: null }], rev: nextRev(tables, user) });
}

function changeMember(
  { members }: Log,
  { row, change, rev }: { row: PlannedRow; change: MembershipChange; rev: number },
): void {
  const { user, does, role } = change;
  const before = members.get(user);
  const stays = before?.stays ?? [];
  const last = stays.at(-1);
  if (does === 'enter') members.set(user, { role, stays: [...stays, { from: row.seq, to: null }], rev });
  else if (before === undefined || last === undefined) return;
  else if (does === 'role') members.set(user, { ...before, role, rev });
  else members.set(user, { ...before, stays: [...stays.slice(0, -1), { from: last.from, to: row.seq }], rev });
}

/** By what the entry is, so that the same run in another order draws the same. */
function tagOf({ epoch }: Tables, entry: Pick<PlannedRow, 'conversation' | 'seq' | 'author' | 'clientId'>): Tag {
  return fingerprint(`${epoch} ${entry.conversation} ${entry.seq} ${entry.author} ${entry.clientId}`);
}

function fingerprint(text: string): Tag {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0 || 1) as Tag;
}
