import { usageFailure } from './failure.ts';

const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `500ms`, `10s`, `2m`, `1h`, or a number of seconds → milliseconds. Throws a Failure (2) for anything else. */
export function parseDuration(text: string, flag: string): number {
  const [, digits, unit = 's'] = DURATION.exec(text) ?? [];
  // Timers take 31 bits.
  const ms = digits === undefined ? Number.NaN : Math.round(Number(digits) * (UNIT_MS[unit] ?? 1));
  if (!(ms > 0 && ms < 2 ** 31)) throw usageFailure(`--${flag} wants a duration such as 10s, not ${text}.`);
  return ms;
}

/** A whole number that is not negative. Throws a Failure (2) for anything else. */
export function parseCount(text: string, flag: string): number {
  const count = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(count)) throw usageFailure(`${flag} wants a number, not ${text}.`);
  return count;
}
