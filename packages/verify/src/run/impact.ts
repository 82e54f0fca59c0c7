import { ERROR_CODES, isErrorCode } from '@parley/protocol';
import type { History, Session } from '../checkers/history.ts';
import { type Felt, suspectOf } from './suspect.ts';

/** One fault and what users noticed of it. */
export interface Impact {
  readonly fault: string;
  readonly what: string;
  readonly beginMs: number;
  readonly endMs: number;
  /** Faults that were under way at the same time: what is not told of a connection, they did together. */
  readonly with: readonly string[];
  /** It showed a broken promise: why. */
  readonly failed: string | undefined;
  /** Sessions that ended because of it. Each counts for one fault: the one that most likely ended it. */
  readonly sessions: number;
  /**
   * From when the fault may first have been felt (its beginning; for sessions that ended much later, as long before their
   * end as a client waits) until the device was synced again, in milliseconds, sorted; of those that came back.
   */
  readonly recoveriesMs: readonly number[];
  /** Lost answers and refusals that ask to come later, by code, until the next round; each counts for one fault, as sessions do. */
  readonly errors: Readonly<Record<string, number>>;
  /** The longest time in which nothing was acknowledged to anybody, while it was felt. */
  readonly silenceMs: number;
}

/** After its end a fault may still be felt for this long. */
const AFTERMATH_MS = 7_000;
/** Clients wait for an answer for so long before they give a link up. */
const PATIENCE_MS = 6_250;

/** What users noticed of each fault, from the history alone. */
export function impactsOf(history: History): Impact[] {
  const all = feltFaults(history);
  const byDevice = Map.groupBy(history.sessions.values(), ({ d }) => d);
  const ended = Map.groupBy(history.sessions.values(), (session) => suspectOf(all, endOf(session)));
  const errors = errorsBy(history, all);
  const acks = history.calls.filter(({ r, op }) => r !== undefined && op === 'send').map(({ d }) => d);
  const sorted = Float64Array.from(acks).sort();
  return all.map((felt) => {
    const { fault, what, from, endMs, until, failed } = felt;
    const hit = ended.get(felt) ?? [];
    const others = all.filter((other) => other !== felt && other.from < endMs && other.endMs > from);
    return {
      fault,
      what,
      beginMs: from,
      endMs,
      with: others.map((other) => other.fault),
      failed,
      sessions: hit.length,
      recoveriesMs: hit.flatMap((session) => recoveryOf(session, byDevice, from)).sort((a, b) => a - b),
      errors: errors.get(felt) ?? {},
      silenceMs: longestSilence(sorted, { from, until }),
    };
  });
}

/** Each is felt until some time after its end, or until the first that begins after it is over. */
function feltFaults({ faults }: History): Felt[] {
  const begins = faults.filter(({ does }) => does === 'begin');
  const ends = new Map(faults.filter(({ does }) => does !== 'begin').map((over) => [over.n, over]));
  return begins.map((begin) => {
    const over = ends.get(begin.n) ?? begin; // a history that was cut off lacks the last ends
    const next = begins.find(({ t }) => t > over.t);
    return {
      fault: begin.fault,
      // Its end knows more: whether the moment that it waited for came.
      what: over.does === 'end' ? over.what : begin.what,
      victims: begin.v,
      from: begin.t,
      endMs: over.t,
      until: Math.min(over.t + AFTERMATH_MS, next?.t ?? Number.POSITIVE_INFINITY),
      failed: over.does === 'failed' ? over.what : undefined,
    };
  });
}

function endOf({ n, t, shutAt, why }: Session): { at: number; n: string; why: string | undefined } {
  return { at: shutAt === undefined || t > shutAt ? -1 : shutAt, n, why };
}

function recoveryOf({ d, shutAt = 0 }: Session, byDevice: Map<number, Session[]>, begin: number): number[] {
  const next = byDevice.get(d)?.find(({ t, syncedAt }) => t >= shutAt && syncedAt !== undefined);
  if (next?.syncedAt === undefined) return [];
  return [next.syncedAt - Math.max(begin, shutAt - PATIENCE_MS)];
}

function errorsBy({ calls, sessions }: History, all: readonly Felt[]): Map<Felt, Record<string, number>> {
  const found = new Map<Felt, Record<string, number>>();
  for (const { d, s, r, e } of calls) {
    const code = e ?? 'no answer';
    if (r !== undefined || isUsual(code)) continue;
    const session = sessions.get(s);
    // Nobody else is to blame when whoever asked went away himself.
    const why = e === undefined ? session?.why : undefined;
    const suspect = suspectOf(all, { at: d, n: session?.n ?? '', code, why });
    if (!suspect) continue;
    const errors = found.get(suspect) ?? {};
    found.set(suspect, errors);
    errors[code] = (errors[code] ?? 0) + 1;
  }
  return found;
}

/** People are refused all the time, and what they sent after that as well. Only what a working server does not say counts. */
function isUsual(code: string): boolean {
  return code === 'after_failed' || (isErrorCode(code) && ERROR_CODES[code].retry !== 'later');
}

function longestSilence(acks: Float64Array, { from, until }: Pick<Felt, 'from' | 'until'>): number {
  let before = from;
  let longest = 0;
  for (const at of acks) {
    if (at < from) continue;
    longest = Math.max(longest, Math.min(at, until) - before);
    if (at > until) break;
    before = at;
  }
  return longest;
}
