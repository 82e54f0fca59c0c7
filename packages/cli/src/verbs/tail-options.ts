import type { CommandLine } from '../argv.ts';
import { parseCount, parseDuration } from '../durations.ts';
import { SHOWN_KINDS } from '../entries.ts';
import { usageFailure } from '../failure.ts';

export interface TailOptions {
  /** Entries to begin with, of each chat. */
  readonly lines: number;
  readonly follow: boolean;
  readonly since: number | undefined;
  readonly noSelf: boolean;
  /** Undefined: all kinds. */
  readonly kinds: ReadonlySet<string> | undefined;
  readonly count: number | undefined;
  readonly forMs: number | undefined;
  readonly markRead: boolean;
  readonly cursorFile: string | undefined;
}

/** A lazy sync, and a page of history, give no more. */
const MOST_LINES = 500;

/** Reads the flags of tail. Throws a Failure (2). */
export function readTailOptions({ flags, args }: CommandLine): TailOptions {
  const text = (name: string): string | undefined => (typeof flags[name] === 'string' ? flags[name] : undefined);
  const number = (name: string, flag: string): number | undefined => {
    const value = text(name);
    return value === undefined ? undefined : parseCount(value, flag);
  };
  const since = number('since', '--since');
  if (since !== undefined && args.length !== 1) throw usageFailure('--since needs exactly one WHERE.');
  const lines = number('lines', '-n') ?? 20;
  if (lines > MOST_LINES) throw usageFailure(`-n is at most ${MOST_LINES}.`, 'parley history pages further.');
  const count = number('count', '--count');
  if (count === 0) throw usageFailure('--count is at least 1.');
  const forText = text('for');
  return {
    lines,
    follow: flags['follow'] === true,
    since,
    noSelf: flags['no-self'] === true,
    kinds: kindsOf(text('types') ?? 'message'),
    count,
    forMs: forText === undefined ? undefined : parseDuration(forText, 'for'),
    markRead: flags['mark-read'] === true,
    cursorFile: text('cursor'),
  };
}

/** Whoever waits for a kind that there is not waits for ever. */
function kindsOf(types: string): ReadonlySet<string> | undefined {
  if (types === 'all') return undefined;
  const kinds = types.split(',').map((type) => type.trim());
  const unknown = kinds.find((kind) => !(SHOWN_KINDS as readonly string[]).includes(kind));
  if (unknown === undefined) return new Set(kinds);
  throw usageFailure(`--types knows no ${unknown}.`, `Kinds: ${SHOWN_KINDS.join(', ')}; or all.`);
}
