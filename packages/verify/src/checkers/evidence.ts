import type { RowRecord } from '../history/record.ts';
import { Audience } from './audience-of.ts';
import type { History, Placed } from './history.ts';
import { ClientIds } from './ids.ts';

/** A history with what several checkers work out of it. */
export class Evidence {
  readonly history: History;
  readonly ids: ClientIds;
  readonly #audiences = new Map<string, Audience>();
  readonly #bySeq = new Map<string, Placed<RowRecord>[]>();

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
