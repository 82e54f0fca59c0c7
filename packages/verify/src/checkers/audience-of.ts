import type { RowRecord } from '../history/record.ts';

/** From the entry that made one a member to the one that ended it, both visible; open: for ever. */
export interface Stay {
  readonly from: number;
  to: number;
}

/**
 * Who may see what, worked out from the entries alone: entry n is visible to those who were members just before or just
 * after it.
 */
export class Audience {
  readonly #stays = new Map<number, Stay[]>();
  readonly #parties: readonly number[] | undefined;

  constructor(conversation: string, log: readonly RowRecord[]) {
    const pair = /^d(\d+)-(\d+)$/.exec(conversation);
    this.#parties = pair?.slice(1).map(Number);
    for (const party of this.#parties ?? []) this.#stays.set(party, [{ from: 1, to: Number.POSITIVE_INFINITY }]);
    if (this.#parties === undefined) for (const row of log) this.#follow(row);
  }

  /** Everyone who ever saw anything. */
  users(): Iterable<number> {
    return this.#stays.keys();
  }

  staysOf(user: number): readonly Stay[] {
    return this.#stays.get(user) ?? [];
  }

  maySee(user: number, seq: number): boolean {
    return this.staysOf(user).some(({ from, to }) => from <= seq && seq <= to);
  }

  /** Whether the user was a member just before this entry, and so might write it. */
  isMemberBefore(user: number, seq: number): boolean {
    if (this.#parties) return this.#parties.includes(user);
    return this.staysOf(user).some(({ from, to }) => from < seq && seq <= to);
  }

  /** Whether the user ever was a member before this entry. */
  wasMemberBefore(user: number, seq: number): boolean {
    if (this.#parties) return this.#parties.includes(user);
    return this.staysOf(user).some(({ from }) => from < seq);
  }

  #follow({ kind, a, w, q }: RowRecord): void {
    if (kind === 'create' || kind === 'join') this.#enter(a, q);
    else if (kind === 'leave') this.#exit(a, q);
    else if (kind === 'kick' && w !== undefined) this.#exit(w, q);
  }

  #enter(user: number, seq: number): void {
    const stays = this.#stays.get(user) ?? [];
    if (stays.at(-1)?.to !== Number.POSITIVE_INFINITY) stays.push({ from: seq, to: Number.POSITIVE_INFINITY });
    this.#stays.set(user, stays);
  }

  #exit(user: number, seq: number): void {
    const last = this.#stays.get(user)?.at(-1);
    if (last && last.to === Number.POSITIVE_INFINITY) last.to = seq;
  }
}
