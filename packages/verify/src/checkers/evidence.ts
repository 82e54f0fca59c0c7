import type { RowRecord } from '../history/record.ts';
import { Audience } from './audience-of.ts';
import type { History, Placed } from './history.ts';
import { acknowledgedAt, ClientIds } from './ids.ts';

/** A history with what several checkers work out of it. */
export class Evidence {
  readonly history: History;
  readonly ids: ClientIds;
  readonly #audiences = new Map<string, Audience>();
  readonly #bySeq = new Map<string, Placed<RowRecord>[]>();
  readonly #storedBy = new Map<string, Float64Array>();

  constructor(history: History) {
    this.history = history;
    this.ids = new ClientIds(history);
    for (const [conversation, log] of history.logs) {
      const sorted = log.toSorted((a, b) => a.q - b.q);
      const bySeq: Placed<RowRecord>[] = [];
      for (const row of sorted) bySeq[row.q] ??= row;
      this.#bySeq.set(conversation, bySeq);
      this.#audiences.set(conversation, new Audience(conversation, sorted));
    }
  }

  /** The database's entry at a place. */
  row(conversation: string, seq: number): Placed<RowRecord> | undefined {
    return this.#bySeq.get(conversation)?.[seq];
  }

  /** The greatest seq that the database has; 0 when it has none. */
  lastSeq(conversation: string): number {
    return Math.max(0, (this.#bySeq.get(conversation)?.length ?? 0) - 1);
  }

  /** When it was certainly there, whether or not that was told: it, or what stands behind it, was acknowledged. */
  storedBy(conversation: string, seq: number): number {
    let times = this.#storedBy.get(conversation);
    if (!times) {
      times = this.#timesOf(conversation);
      this.#storedBy.set(conversation, times);
    }
    return times[seq] ?? Number.POSITIVE_INFINITY;
  }

  #timesOf(conversation: string): Float64Array {
    const times = new Float64Array(this.lastSeq(conversation) + 2).fill(Number.POSITIVE_INFINITY);
    for (let seq = this.lastSeq(conversation); seq >= 1; seq -= 1) {
      const row = this.row(conversation, seq);
      const id = row && this.ids.get(conversation, row.a, row.i);
      times[seq] = Math.min(
        times[seq + 1] ?? Number.POSITIVE_INFINITY,
        id ? acknowledgedAt(id) : Number.POSITIVE_INFINITY,
      );
    }
    return times;
  }

  audience(conversation: string): Audience {
    let audience = this.#audiences.get(conversation);
    if (!audience) {
      audience = new Audience(conversation, []);
      this.#audiences.set(conversation, audience);
    }
    return audience;
  }

  /** Conversations that the database knows. */
  conversations(): Iterable<string> {
    return this.#bySeq.keys();
  }
}
