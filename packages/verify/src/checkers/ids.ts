import type { CallRecord, RowRecord } from '../history/record.ts';
import type { History, Placed } from './history.ts';

type Call = Placed<CallRecord>;
type Row = Placed<RowRecord>;

/** Everything known about one client id of one author in one conversation. */
export interface KnownId {
  readonly conversation: string;
  readonly author: number;
  readonly clientId: string;
  /** Calls that would append it, every try. */
  readonly tries: Call[];
  /** Questions about it, and takings back. */
  readonly asks: Call[];
  /** What the database has; more than one is a violation of its own. */
  readonly rows: Row[];
}

const APPENDING: ReadonlySet<string> = new Set(['send', 'create', 'join', 'leave', 'kick', 'role']);
const ASKING: ReadonlySet<string> = new Set(['cancel', 'outcome']);

/** All client ids of a history. */
export class ClientIds {
  readonly #known = new Map<string, KnownId>();

  constructor(history: History) {
    for (const call of history.calls) {
      if (call.i === undefined || call.c === undefined) continue;
      if (APPENDING.has(call.op)) this.#of(call.c, call.u, call.i).tries.push(call);
      else if (ASKING.has(call.op)) this.#of(call.c, call.u, call.i).asks.push(call);
    }
    for (const [conversation, log] of history.logs) {
      for (const row of log) this.#of(conversation, row.a, row.i).rows.push(row);
    }
  }

  all(): Iterable<KnownId> {
    return this.#known.values();
  }

  get(conversation: string, author: number, clientId: string): KnownId | undefined {
    return this.#known.get(`${conversation} ${author} ${clientId}`);
  }

  #of(conversation: string, author: number, clientId: string): KnownId {
    const key = `${conversation} ${author} ${clientId}`;
    let known = this.#known.get(key);
    if (!known) {
      known = { conversation, author, clientId, tries: [], asks: [], rows: [] };
      this.#known.set(key, known);
    }
    return known;
  }
}

/** Which call makes an entry of this kind. */
export const OP_OF_KIND: Readonly<Record<string, CallRecord['op']>> = {
  message: 'send',
  create: 'create',
  join: 'join',
  leave: 'leave',
  kick: 'kick',
  role: 'role',
  cancel: 'cancel',
};

const ABOUT_ANOTHER: ReadonlySet<string> = new Set(['kick', 'role']);

/** Whether the call asks for just this entry: its kind and text, or whom it is about. */
export function asksFor({ op, x, w }: CallRecord, row: RowRecord): boolean {
  if (op !== OP_OF_KIND[row.kind]) return false;
  if (row.kind === 'message') return x === row.x;
  return !ABOUT_ANOTHER.has(row.kind) || w === row.w;
}

/** Answers that told that it is stored, and where. */
export function confirmations(id: KnownId): Call[] {
  return [...id.tries.filter(({ r }) => r !== undefined), ...id.asks.filter(({ r }) => r?.st === 'committed')];
}

/** Answers that told that it is cancelled for ever. */
export function cancellations(id: KnownId): Call[] {
  return [...id.asks.filter(({ r }) => r?.st === 'cancelled'), ...id.tries.filter(({ e }) => e === 'cancelled')];
}

/** When it was first told to be what the database has: stored, or cancelled; infinite when never. */
export function acknowledgedAt(id: KnownId): number {
  const told = isTombstone(id) ? cancellations(id) : confirmations(id);
  return told.reduce((least, { d }) => Math.min(least, d), Number.POSITIVE_INFINITY);
}

/** When what the database has, an entry or a tombstone in its place, was first asked for; infinite when never. */
export function invokedAt(id: KnownId): number {
  const calls = isTombstone(id) ? id.asks.filter(({ op }) => op === 'cancel') : id.tries;
  return calls.reduce((least, { t }) => Math.min(least, t), Number.POSITIVE_INFINITY);
}

function isTombstone({ rows: [row] }: KnownId): boolean {
  return row?.kind === 'cancel';
}

/** A refusal with these says nothing about whether it was done. */
const OPEN_REFUSALS: ReadonlySet<string> = new Set(['internal']);

/** Whether this copy is not stored and never will be. */
export function isRefused({ e }: Call): boolean {
  return e !== undefined && !OPEN_REFUSALS.has(e);
}

/** For sentences. */
export function describeId(id: Pick<KnownId, 'author' | 'clientId' | 'conversation'>): string {
  return `${id.clientId} of user ${id.author} in ${id.conversation}`;
}
