// The lines of a history file, in order of time but for calls, which stand where they ended. Keys are short: there are
// millions. `t` is milliseconds since the start on a clock that never jumps; `clock` lines say what the wall clock said.

/** The first line. */
export interface RunRecord {
  readonly k: 'run';
  readonly version: 1;
  readonly seed: number;
  readonly store: string;
  /** Where `row` lines come from; left out: the database. */
  readonly truth?: 'database' | 'nodes';
  readonly faults: readonly string[];
  /** The wall clock at t = 0. */
  readonly wall: number;
}

/** What the wall clock says: once a second. */
export interface ClockRecord {
  readonly k: 'clock';
  readonly t: number;
  readonly wall: number;
}

/** A session began: user `u` on device `d`, connected to `n`; `at` is what it said in `sync`: [conversation, seq, tag]. */
export interface OpenRecord {
  readonly k: 'open';
  readonly t: number;
  readonly s: number;
  readonly u: number;
  readonly d: number;
  readonly n: string;
  readonly at: readonly (readonly [string, number, number])[];
  /** It keeps no cursors: it goes on where the account is, which is not known here. */
  readonly from?: 'account' | undefined;
  /** Of which conversations it wants no more than so many entries at first; '' stands for those without a cursor. */
  readonly lazy?: readonly (readonly [string, number])[] | undefined;
}

/** A session ended. */
export interface ShutRecord {
  readonly k: 'shut';
  readonly t: number;
  readonly s: number;
  readonly why: string;
}

/** The session was told all that was there when it began. */
export interface SyncedRecord {
  readonly k: 'synced';
  readonly t: number;
  readonly s: number;
}

export type CallOp =
  | 'send'
  | 'cancel'
  | 'outcome'
  | 'create'
  | 'join'
  | 'leave'
  | 'kick'
  | 'role'
  | 'block'
  | 'unblock'
  | 'revoke'
  | 'resume'
  | 'read'
  | 'delivered';

/** What a call was answered with. */
export interface CallAnswer {
  readonly q?: number | undefined;
  readonly o?: number | undefined;
  readonly g?: number | undefined;
  /** `duplicate` was told. */
  readonly dup?: 1 | undefined;
  /** The state, for `cancel` and `outcome`. */
  readonly st?: string | undefined;
}

/**
 * A call: invoked at `t` by session `s`, over at `d`. With `r` it went well, with `e` it was refused with that code;
 * with neither the connection ended first, and it may or may not have been done.
 */
export interface CallRecord {
  readonly k: 'call';
  readonly t: number;
  readonly d: number;
  readonly s: number;
  /** The caller; a session's user, told again because `resume` may fail before there is a session. */
  readonly u: number;
  readonly op: CallOp;
  readonly c?: string | undefined;
  /** The client id, and the one it comes after. */
  readonly i?: string | undefined;
  readonly a?: string | undefined;
  /** Digest of the text. */
  readonly x?: number | undefined;
  /** Whom it is about (block, unblock, kick, role). */
  readonly w?: number | undefined;
  /** Which device: that is revoked, or that calls when its session does not tell. */
  readonly dev?: number | undefined;
  /** Up to where (read, delivered). */
  readonly to?: number | undefined;
  readonly r?: CallAnswer;
  readonly e?: string;
}

/** An entry was delivered to a session. `h`: digest of all that it says. */
export interface EntryRecord {
  readonly k: 'e';
  readonly t: number;
  readonly s: number;
  readonly c: string;
  readonly q: number;
  readonly g: number;
  readonly h: number;
  readonly i: string;
}

/** A gap was told to a session: from..to, `g` the tag at its end. */
export interface GapRecord {
  readonly k: 'gap';
  readonly t: number;
  readonly s: number;
  readonly c: string;
  readonly from: number;
  readonly to: number;
  readonly g: number;
  readonly why: string;
}

/** Positions of an account in a conversation, as a session was told; session 0: as the database has them at the end. */
export interface PositionRecord {
  readonly k: 'pos';
  readonly t: number;
  readonly s: number;
  readonly u: number;
  readonly c: string;
  readonly read: number;
  readonly delivered: number;
}

/** A fault began or was over; `n` tells those that overlap apart. `v` whom it breaks, `ms` how long it is to last. */
export interface FaultRecord {
  readonly k: 'fault';
  readonly t: number;
  readonly n: number;
  readonly fault: string;
  readonly v: readonly string[];
  readonly ms: number;
  readonly does: 'begin' | 'end' | 'failed';
  readonly what: string;
}

/** Device `d` of user `u` stays until the end and must have got everything. */
export interface FinalRecord {
  readonly k: 'final';
  readonly u: number;
  readonly d: number;
}

/** An entry as the database has it at the end. `w`: whom it is about. */
export interface RowRecord {
  readonly k: 'row';
  readonly c: string;
  readonly q: number;
  readonly o: number;
  readonly g: number;
  readonly kind: string;
  readonly a: number;
  readonly i: string;
  readonly time: number;
  readonly x: number;
  readonly h: number;
  readonly w?: number | undefined;
  /** The role that it gives: to whom it is about, or to its author. */
  readonly role?: string | undefined;
}

/** A head as the database has it at the end, where it keeps heads apart from entries. */
export interface HeadRecord {
  readonly k: 'head';
  readonly c: string;
  readonly q: number;
  readonly o: number;
  readonly g: number;
}

/**
 * Entries that node `n` showed user `u` when asked for history: [seq, tag, digest]. `last`: there is no more. `d`: the
 * device that asked, to which they count as delivered.
 */
export interface PageRecord {
  readonly k: 'page';
  readonly n: string;
  readonly u: number;
  readonly d?: number | undefined;
  readonly c: string;
  readonly e: readonly (readonly [number, number, number])[];
  readonly last: boolean;
}

/** What node `n` said at the end about a client id of user `u`. */
export interface AskedRecord {
  readonly k: 'asked';
  readonly n: string;
  readonly u: number;
  readonly c: string;
  readonly i: string;
  readonly st: string;
  readonly q?: number | undefined;
}

/** What spoils the run beside what the rest of the history shows: a node that ended by itself, no frame, something not settled. */
export interface ProblemRecord {
  readonly k: 'problem';
  readonly what: string;
}

/** The last line of a run that was carried through. */
export interface EndRecord {
  readonly k: 'end';
  readonly t: number;
}

export type HistoryRecord =
  | RunRecord
  | ClockRecord
  | OpenRecord
  | ShutRecord
  | SyncedRecord
  | CallRecord
  | EntryRecord
  | GapRecord
  | PositionRecord
  | FaultRecord
  | FinalRecord
  | RowRecord
  | HeadRecord
  | PageRecord
  | AskedRecord
  | ProblemRecord
  | EndRecord;
