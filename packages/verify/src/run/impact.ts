import { ERROR_CODES, isErrorCode } from '@parley/protocol';
import type { History, Session } from '../checkers/history.ts';

/** One fault and what users noticed of it. */
export interface Impact {
  readonly fault: string;
  readonly what: string;
  readonly beginMs: number;
  readonly endMs: number;
  /** It showed a broken promise: why. */
  readonly failed: string | undefined;
  /** Sessions that ended because of it. */
  readonly sessions: number;
  /**
   * From when the fault may first have been felt (its beginning; for sessions that ended much later, as long before their
   * end as a client waits) until the device was synced again, in milliseconds, sorted; of those that came back.
   */
  readonly recoveriesMs: readonly number[];
  /** Lost answers and refusals that ask to come later, by code, from its beginning until the next fault. */
  readonly errors: Readonly<Record<string, number>>;
  /** The longest time in which nothing was acknowledged to anybody. */
  readonly silenceMs: number;
}

/** After its end a fault may still be felt for this long. */
const AFTERMATH_MS = 7_000;
/** Clients wait for an answer for so long before they give a link up. */
const PATIENCE_MS = 6_250;
/** Sessions that people ended themselves. */
const OWN_WILL: ReadonlySet<string> = new Set(['left', 'away', 'revoked', 'not let in']);

/** What users noticed of each fault, from the history alone. */
export function impactsOf(history: History): Impact[] {
  const begins = history.faults.filter(({ does }) => does === 'begin');
  const later = Map.groupBy(history.sessions.values(), ({ d }) => d);
  const acks = history.calls.filter(({ r, op }) => r !== undefined && op === 'send').map(({ d }) => d);
  const sorted = Float64Array.from(acks).sort();
  return begins.map((begin, index) => {
    const over = history.faults.find(({ line, does }) => line > begin.line && does !== 'begin');
    const endMs = over?.t ?? begin.t;
    const until = Math.min(endMs + AFTERMATH_MS, begins[index + 1]?.t ?? Number.POSITIVE_INFINITY);
    const span = { from: begin.t, until };
    const hit = [...history.sessions.values()].filter((session) => isHit(session, span, begin.fault));
    return {
      fault: begin.fault,
      what: begin.what,
      beginMs: begin.t,
      endMs,
      failed: over?.does === 'failed' ? over.what : undefined,
      sessions: hit.length,
      recoveriesMs: hit.flatMap((session) => recoveryOf(session, later, begin.t)).sort((a, b) => a - b),
      errors: errorsIn(history, span),
      silenceMs: longestSilence(sorted, span),
    };
  });
}

interface Span {
  readonly from: number;
  readonly until: number;
}

function isHit({ t, shutAt, why }: Session, { from, until }: Span, fault: string): boolean {
  if (shutAt === undefined || shutAt < from || shutAt > until || t > shutAt) return false;
  return !OWN_WILL.has(why ?? '') && (fault !== 'reset-connections' || why === 'cut');
}

function recoveryOf({ d, shutAt = 0 }: Session, byDevice: Map<number, Session[]>, begin: number): number[] {
  const next = byDevice.get(d)?.find(({ t, syncedAt }) => t >= shutAt && syncedAt !== undefined);
  if (next?.syncedAt === undefined) return [];
  return [next.syncedAt - Math.max(begin, shutAt - PATIENCE_MS)];
}

function errorsIn({ calls }: History, { from, until }: Span): Record<string, number> {
  const errors: Record<string, number> = {};
  for (const { d, r, e = 'no answer' } of calls) {
    if (r === undefined && d >= from && d <= until && !isUsual(e)) errors[e] = (errors[e] ?? 0) + 1;
  }
  return errors;
}

/** People are refused all the time: they are blocked, put out, or late. Only what a working server does not say counts. */
function isUsual(code: string): boolean {
  return isErrorCode(code) && ERROR_CODES[code].retry !== 'later';
}

function longestSilence(acks: Float64Array, { from, until }: Span): number {
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
