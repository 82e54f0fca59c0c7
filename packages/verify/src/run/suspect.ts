/** A fault with the time in which it may be felt. */
export interface Felt {
  readonly fault: string;
  readonly what: string;
  readonly victims: readonly string[];
  readonly from: number;
  readonly endMs: number;
  readonly until: number;
  readonly failed: string | undefined;
}

/** Something that users noticed: when, on a connection to what, and why the session ended if it did. */
export interface Mishap {
  readonly at: number;
  /** The endpoint's name. */
  readonly n: string;
  /** Why a session ended. */
  readonly why?: string | undefined;
  /** What a request was refused with. */
  readonly code?: string;
}

/** Sessions that people ended themselves. */
const OWN_WILL: ReadonlySet<string> = new Set(['left', 'away', 'revoked', 'not let in']);

/** What stands behind all nodes: without it they are slow, or refuse. */
const SHARED: ReadonlySet<string> = new Set(['database', 'redis']);

/** Nobody should notice these, or only who is hit: the last to be suspected. */
const HARMLESS: ReadonlySet<string> = new Set(['clock-step', 'slow-reader']);

/**
 * The fault that a mishap is most likely due to, of those that may be felt at the time: what the connection went to, before
 * what may have been behind that, before what all nodes share, before another node (which may have held locks); of equals the
 * one that began last. Undefined: none of them.
 */
export function suspectOf(faults: readonly Felt[], mishap: Mishap): Felt | undefined {
  let [suspect, most]: [Felt | undefined, number] = [undefined, 0];
  for (const felt of faults) {
    if (mishap.at < felt.from || mishap.at > felt.until) continue;
    const suspicion = suspicionOf(felt, mishap);
    if (suspicion === 0 || suspicion < most) continue;
    [suspect, most] = [felt, suspicion];
  }
  return suspect;
}

function suspicionOf({ fault, victims }: Felt, { n, why, code }: Mishap): number {
  if (OWN_WILL.has(why ?? '')) return 0;
  if (why === 'cut') return fault === 'reset-connections' ? 1 : 0;
  if (fault === 'reset-connections') return 0;
  if (HARMLESS.has(fault)) return 1;
  if (code === 'store_unavailable' && victims.includes('database')) return 5;
  if (victims.includes(n)) return 4;
  if (victims.some((victim) => SHARED.has(victim))) return 2;
  return n === 'nginx' || n === '' ? 3 : 1; // through nginx one may be on any node
}
