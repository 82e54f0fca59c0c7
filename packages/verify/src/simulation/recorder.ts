import type { Conversation, ConversationId, Cursor, Entry } from '@parley/server/ports';
import { checkHistory } from '../checkers/check-history.ts';
import { History } from '../checkers/history.ts';
import type { Violation } from '../checkers/violation.ts';
import { digestOfEntry } from '../history/digest.ts';
import type { CallAnswer, CallRecord, HistoryRecord, OpenRecord } from '../history/record.ts';
import { rowRecord } from '../history/row-record.ts';
import { headOf, type Tables } from './tables.ts';

/** A call that may not be over. */
export type OpenCall = { -readonly [Key in keyof CallRecord]: CallRecord[Key] };

/** What a call says when it begins. */
export type CallStart = Pick<CallRecord, 's' | 'u' | 'op' | 'c' | 'i' | 'a' | 'x' | 'w' | 'to' | 'dev'>;

/** So many events of one instant that none is taken for a later one. */
const EVENT_MS = 1 / 65_536;

/** Who opens a session, and what he asks for. */
export interface Opening {
  readonly user: number;
  readonly device: number;
  readonly node: { readonly name: string; readonly isOld: boolean };
  /** What it got before is not to be counted. */
  readonly isAnew: boolean;
  readonly asks: Pick<OpenRecord, 'from' | 'lazy'>;
}

/** A session as the recorder knows it. */
interface Session {
  /** Conversations in which what the device holds is not this database's. */
  readonly foreign: ReadonlySet<string>;
}

/**
 * Writes down what happened as `npm run verify` does, for the same checkers. No two events have the same time. When an
 * older copy of the database takes over, what was is judged by the database as it was, and a new history begins.
 */
export class Recorder {
  #records: HistoryRecord[] = [];
  #calls: OpenCall[] = [];
  #sessions = new Map<number, Session>();
  readonly #lives = new Map<number, number>();
  #nextSession = 1;
  #t = 0;
  #answers = 0;
  readonly #earlier: Violation[] = [];
  readonly #nowMs: () => number;
  #pages = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Milliseconds, and a little more with each event. */
  get now(): number {
    this.#t = Math.max(this.#t + EVENT_MS, this.#nowMs());
    return this.#t;
  }

  /** How many calls began, and how many ended: whether a step was one or the other. */
  get counts(): { readonly begun: number; readonly ended: number } {
    return { begun: this.#calls.length, ended: this.#answers };
  }

  invoke(start: CallStart): OpenCall {
    const call: OpenCall = { k: 'call', t: this.now, d: Number.POSITIVE_INFINITY, ...start };
    this.#calls.push(call);
    return call;
  }

  /** By the server, however long the answer takes. */
  answered(call: OpenCall, answer: CallAnswer | string): void {
    if (call.d !== Number.POSITIVE_INFINITY) throw new Error(`${call.op} ${call.i} was answered twice`);
    call.d = this.now;
    this.#answers += 1;
    if (typeof answer === 'string') call.e = answer;
    else call.r = answer;
  }

  /** A session begins, saying where its device stands. */
  open(who: Opening, cursors: readonly (readonly [string, Cursor, readonly Cursor[]])[], tables: Tables): number {
    const session = this.#nextSession;
    this.#nextSession += 1;
    const lost = cursors.filter(([address, cursor, acked]) => {
      const log = [...tables.logs.values()].find(({ conversation }) => conversation.address === address);
      return [cursor, ...acked].some(({ seq, tag }) => seq > 0 && log?.entries[seq - 1]?.tag !== tag);
    });
    const foreign = new Set(lost.map(([address]) => address));
    const held = cursors.filter(([address, { seq }]) => seq > 0 && !foreign.has(address));
    const at = held.map(([address, { seq, tag }]) => [address, seq, tag] as const);
    if (who.node.isOld || who.isAnew) this.#lives.set(who.device, (this.#lives.get(who.device) ?? 0) + 1);
    if (who.node.isOld) return session;
    this.#records.push({
      k: 'open',
      t: this.now,
      s: session,
      u: who.user,
      d: this.#lifeOf(who.device),
      n: who.node.name,
      at,
      ...who.asks,
    });
    this.#sessions.set(session, { foreign });
    return session;
  }

  entry(session: number, entry: Entry, { address }: Conversation): void {
    if (!this.#sessions.has(session)) return;
    const { seq, tag, clientId } = entry;
    this.#records.push({
      k: 'e',
      t: this.now,
      s: session,
      c: address,
      q: seq,
      g: tag,
      h: digestOfEntry(entry),
      i: clientId,
    });
  }

  /** A device whose cursor is not this database's must be told `reset`: then it begins like one that holds nothing. */
  gap(
    session: number,
    { from, to, tag, reason }: { from: number; to: number; tag: number; reason: string },
    c: string,
  ): void {
    const known = this.#sessions.get(session);
    if (known === undefined || (reason === 'reset' && known.foreign.has(c))) return;
    this.#records.push({ k: 'gap', t: this.now, s: session, c, from, to, g: tag, why: reason });
  }

  /** What a device was shown of the past. */
  page(
    who: { readonly session: number; readonly user: number; readonly device: number | undefined },
    entries: readonly Entry[],
    c: string,
  ): void {
    if (!this.#sessions.has(who.session)) return;
    this.#pages += 1;
    const e = entries.map((entry) => [entry.seq, entry.tag, digestOfEntry(entry)] as const);
    const n = `page ${this.#pages}`;
    const d = who.device === undefined ? {} : { d: this.#lifeOf(who.device) };
    this.#records.push({ k: 'page', n, u: who.user, ...d, c, e, last: false });
  }

  position(session: number, user: number, told: { c: string; read: number; delivered: number }): void {
    if (this.#sessions.has(session)) this.#records.push({ k: 'pos', t: this.now, s: session, u: user, ...told });
  }

  final(user: number, device: number): void {
    this.#records.push({ k: 'final', u: user, d: this.#lifeOf(device) });
  }

  /** The database is about to be replaced by `copy`. Sessions of before are not judged any more: they may know both. */
  restored(before: Tables, copy: Tables): void {
    this.#earlier.push(...this.#judge(before));
    this.#records = [];
    this.#sessions = new Map();
    // What they changed may not be in the copy. One that is under way may still be done.
    const isOver = ({ op, d }: OpenCall) => op === 'read' || (STATE_OPS.has(op) && d !== Number.POSITIVE_INFINITY);
    const calls = this.#calls.filter((call) => !isOver(call));
    this.#calls = calls.map((call) => (isKept(call, copy) ? call : reopened(call)));
    // What it was to follow is of the other history; its device may link another copy of it to something else.
    for (const call of this.#calls) if (call.d === Number.POSITIVE_INFINITY) delete call.a;
  }

  /** Everything that is wrong, by the checkers of `npm run verify`. */
  judge(tables: Tables): Violation[] {
    return [...this.#earlier, ...this.#judge(tables)];
  }

  /** Which calls were answered how, and before which others were made: all that the checkers ask of time. */
  describe(): string[] {
    const ended = this.#calls.filter(({ d }) => d !== Number.POSITIVE_INFINITY);
    const nameOf = ({ u, s, op, i, to }: CallRecord) => `${u} ${s} ${op} ${i} ${to}`;
    const lines = this.#calls.map((call) => {
      const before = ended.filter(({ d }) => d < call.t).map(nameOf);
      return `${nameOf(call)} ${JSON.stringify(call.r ?? call.e)} after ${before.toSorted().join(';')}`;
    });
    return lines.toSorted();
  }

  /** The history as lines, for whoever wants to read it. */
  lines(tables: Tables): HistoryRecord[] {
    return [...this.#records, ...this.#calls, ...rowsOf(tables)];
  }

  /** What a device got in sessions that are not judged is taken for had: after them it counts as another. */
  #lifeOf(device: number): number {
    return device + 1_000 * (this.#lives.get(device) ?? 0);
  }

  #judge(tables: Tables): Violation[] {
    const history = new History();
    this.lines(tables).forEach((record, index) => history.add(record, index + 1));
    return checkHistory(history).flatMap(({ violations }) => violations);
  }
}

const STATE_OPS: ReadonlySet<string> = new Set(['block', 'unblock', 'revoke', 'resume']);

/** Whether what a call was told holds in the copy too. */
function isKept({ r, e, c, u, i }: CallRecord, copy: Tables): boolean {
  if (r === undefined) return e !== 'cancelled';
  const log = [...copy.logs.values()].find(({ conversation }) => conversation.address === c);
  return log?.entries.some(({ author, clientId }) => author === u && clientId === i) === true;
}

function reopened(call: OpenCall): OpenCall {
  const { r: _, e: __, ...rest } = call;
  // Its answer is of the other history; nothing is to come any more, so it counts as one whose connection ended.
  return { ...rest, d: Number.POSITIVE_INFINITY };
}

function* rowsOf(tables: Tables): Generator<HistoryRecord> {
  for (const log of tables.logs.values()) {
    const c = log.conversation.address;
    for (const entry of log.entries) yield rowRecord(c, entry);
    const { seq, ord, tag } = headOf(log);
    yield { k: 'head', c, q: seq, o: ord, g: tag };
  }
  for (const [key, { read, delivered }] of tables.positions) {
    const [user, id] = key.split(' ').map(Number);
    const c = tables.logs.get(id as ConversationId)?.conversation.address ?? '';
    yield { k: 'pos', t: 0, s: 0, u: user ?? 0, c, read, delivered };
  }
}
