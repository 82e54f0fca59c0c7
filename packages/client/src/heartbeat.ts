/** When a link is suspected, and when it is given up. Milliseconds. */
export interface HeartbeatTimes {
  /** Ping when nothing was said for this long: the server ends peers that are silent for 30 s. */
  readonly idleMs: number;
  /** A request unanswered for this long makes the link suspect: ping. */
  readonly suspectMs: number;
  /** Nothing heard for this long after that ping: the link is dead. */
  readonly deadMs: number;
}

export const HEARTBEAT: HeartbeatTimes = { idleMs: 10_000, suspectMs: 3_000, deadMs: 3_000 };

/** What the owner of the link does now. */
export type HeartbeatVerdict = 'nothing' | 'ping' | 'dead';

/**
 * Notices that a link is dead, within about `suspectMs + deadMs` while someone waits for an answer. Anything that is
 * heard proves the link alive, so a slow request on a busy link costs nothing. Pure: the time comes in, on a clock
 * that never jumps back.
 */
export class Heartbeat {
  readonly #times: HeartbeatTimes;
  #saidAtMs: number;
  #heardAtMs: number;
  #probedAtMs: number | undefined;

  constructor(nowMs: number, times: HeartbeatTimes = HEARTBEAT) {
    this.#times = times;
    this.#saidAtMs = nowMs;
    this.#heardAtMs = nowMs;
  }

  /** Bytes were written. */
  said(nowMs: number): void {
    this.#saidAtMs = nowMs;
  }

  /** Bytes came. */
  heard(nowMs: number): void {
    this.#heardAtMs = nowMs;
    this.#probedAtMs = undefined;
  }

  /**
   * Looks at the clock; `waitingSinceMs` is when the oldest unanswered request was written. After `ping` the caller
   * writes one and calls `said`.
   */
  check(nowMs: number, waitingSinceMs: number | undefined): HeartbeatVerdict {
    if (this.#probedAtMs !== undefined) return nowMs - this.#probedAtMs >= this.#times.deadMs ? 'dead' : 'nothing';
    const quietSinceMs = waitingSinceMs === undefined ? undefined : Math.max(waitingSinceMs, this.#heardAtMs);
    if (quietSinceMs !== undefined && nowMs - quietSinceMs >= this.#times.suspectMs) return this.probe(nowMs);
    return nowMs - this.#saidAtMs >= this.#times.idleMs ? 'ping' : 'nothing';
  }

  /** Suspects the link at once, as after the machine was asleep: it is dead when nothing is heard for `deadMs`. */
  probe(nowMs: number): 'ping' {
    this.#probedAtMs = nowMs;
    return 'ping';
  }
}
