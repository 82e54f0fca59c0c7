/** When a link is given up, in milliseconds: as PROTOCOL.md asks clients to do. */
const SUSPECT_MS = 3_000;
const DEAD_MS = 3_000;
const IDLE_MS = 10_000;

/** Says when to ping, and when a link is dead. Time comes in. */
export class SessionHeartbeat {
  #saidAt: number;
  #heardAt: number;
  #probedAt: number | undefined;

  constructor(now: number) {
    this.#saidAt = now;
    this.#heardAt = now;
  }

  said(now: number): void {
    this.#saidAt = now;
  }

  heard(now: number): void {
    this.#heardAt = now;
    this.#probedAt = undefined;
  }

  /** `waitingSince`: when the oldest request without an answer was made. The caller writes the ping. */
  look(now: number, waitingSince: number | undefined): 'well' | 'ping' | 'dead' {
    if (this.#probedAt !== undefined) return now - this.#probedAt > DEAD_MS ? 'dead' : 'well';
    const quietSince = waitingSince === undefined ? undefined : Math.max(waitingSince, this.#heardAt);
    const isSuspect = quietSince !== undefined && now - quietSince > SUSPECT_MS;
    if (!isSuspect && now - this.#saidAt < IDLE_MS) return 'well';
    this.#probedAt = now;
    return 'ping';
  }
}
