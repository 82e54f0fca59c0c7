import type { GroupId, MemberRole, Ord, Seq, Tag, UserId } from '@parley/protocol';
import { type AppendView, type MembershipChange, type PlannedRow, planAppend } from '@parley/server/delivery';
import type {
  AppendRequest,
  AppendResult,
  Conversation,
  ConversationId,
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
}

/** How far an account has read in a conversation. */
export interface Position {
  readonly read: Seq;
  readonly delivered: Seq;
}

/** What is in the database: plain values, so that a copy is a backup. */
export interface Tables {
  /** Counts restored copies, so that no two histories draw the same tags. */
  readonly epoch: number;
  readonly logs: Map<ConversationId, Log>;
  readonly versions: Map<UserId, StateVersion[]>;
  readonly positions: Map<string, Position>;
  readonly writers: Set<number>;
  readonly journal: JournalRow[];
}

/** What a batch would write. */
export interface BatchPlan {
  readonly results: readonly (AppendResult | undefined)[];
  readonly rows: readonly PlannedRow[];
  readonly changes: readonly { readonly row: PlannedRow; readonly change: MembershipChange }[];
}

/** Who sees members through something else than the locked rows. Only mistakes made on purpose do. */
export type RoleLens = (
  conversation: ConversationId,
  user: UserId,
  role: MemberRole | undefined,
) => MemberRole | undefined;

/** An empty database with these users. */
export function createTables(users: readonly UserId[]): Tables {
  const versions = new Map(users.map((user) => [user, []]));
  return { epoch: 0, logs: new Map(), versions, positions: new Map(), writers: new Set(), journal: [] };
}

/** A copy that shares nothing with the original but what never changes. */
export function copyTables(tables: Tables, epoch = tables.epoch): Tables {
  return {
    epoch,
    logs: new Map([...tables.logs].map(([id, log]) => [id, copyLog(log)])),
    versions: new Map([...tables.versions].map(([user, versions]) => [user, [...versions]])),
    positions: new Map(tables.positions),
    writers: new Set(tables.writers),
    journal: [...tables.journal],
  };
}

function copyLog({ conversation, entries, members }: Log): Log {
  return { conversation, entries: [...entries], members: new Map(members) };
}

/** A group whose owner is the first of its members; the others joined one after the other. */
export function createGroup(tables: Tables, members: readonly UserId[]): Conversation {
  const number = tables.logs.size + 1;
  const id = number as ConversationId;
  const conversation: Conversation = { kind: 'group', id, group: number as GroupId, address: `g${number}` };
  const log: Log = { conversation, entries: [], members: new Map() };
  tables.logs.set(id, log);
  members.forEach((user, index) => {
    const kind = index === 0 ? 'create' : 'join';
    const role = index === 0 ? 'owner' : 'member';
    const seq = (index + 1) as Seq;
    const content = { clientId: `${kind}-${id}-${user}`, hash: 0, time: 0, text: null, target: null, role: null };
    const entry = { conversation: id, seq, ord: 0 as Ord, kind, author: user, ...content } as const;
    log.entries.push({ ...entry, tag: tagOf(tables, entry), authorName: `user${user}`, targetName: null });
    enter(tables, log, { user, from: seq, role });
  });
  return conversation;
}

/** A conversation of two. */
export function createDirect(tables: Tables, low: UserId, high: UserId): Conversation {
  const id = (tables.logs.size + 1) as ConversationId;
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
  { locked, now, lens }: { locked: ReadonlySet<ConversationId>; now: number; lens?: RoleLens | undefined },
): BatchPlan {
  const logs = new Map<ConversationId, Log>();
  for (const id of locked) {
    const log = tables.logs.get(id);
    if (log !== undefined) logs.set(id, copyLog(log));
  }
  const view = viewOf(logs, lens);
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
  const view = viewOf(tables.logs);
  if (view.past(request.conversation, request.author, request.clientId) === undefined) return undefined;
  return planAppend(request, view, { now: 0, tag: () => 0 as Tag }).result;
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

function viewOf(logs: ReadonlyMap<ConversationId, Log>, lens?: RoleLens): AppendView {
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
      return lens === undefined ? role : lens(id, user, role);
    },
    wasMember: (id, user) => logs.get(id)?.members.has(user) === true,
    hasBlocked: () => false,
    past: (id, author, clientId) =>
      logs.get(id)?.entries.find((entry) => entry.author === author && entry.clientId === clientId),
    memberCount: (id) => present(id).length,
    heir: (id, leaving) => present(id).find((user) => user !== leaving),
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
