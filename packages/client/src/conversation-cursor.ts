import type { GapEvent, SyncCursor, WireEntry } from '@parley/protocol';

/** A place in a conversation's log. A seq alone would not tell two histories apart. */
export interface Position {
  readonly seq: number;
  readonly tag: number;
}

/**
 * What to do with an entry or gap.
 * `deliver`: it is the next one; the cursor stands on it now.
 * `duplicate`: it was delivered before; drop it.
 * `hole`: entries are missing before it, and no gap told so. Nothing has changed; sync again from the cursor.
 * `fork`: the place is held already, under another tag: the server's history is not the one we know. Sync again, and
 * the server will answer with a `reset`.
 */
export type CursorVerdict = 'deliver' | 'duplicate' | 'hole' | 'fork';

/** Positions that `acked` may name on the wire. */
const MOST_ACKED = 64;

/**
 * How far a device has followed one conversation: each entry is delivered once, rising, without an unseen hole.
 * Pure. [CLIENT-2]
 */
export class ConversationCursor {
  #position: Position | undefined;
  /** Told by acknowledgements, before the entries themselves came; rising. */
  #acked: Position[] = [];

  constructor(position?: Position, acked: readonly Position[] = []) {
    // As `toSync` says it of one to which nothing has come: from nowhere, the first entry may stand anywhere.
    this.#position = position?.seq === 0 ? undefined : position;
    this.#acked = [...acked];
  }

  /** The last entry or gap that was delivered; undefined before the first. */
  get position(): Position | undefined {
    return this.#position;
  }

  /** The next entry. The first one may stand anywhere: what lies before it is not for this device. */
  entry(entry: Pick<WireEntry, 'seq' | 'tag'>): CursorVerdict {
    const known = this.#judge(entry.seq, entry);
    if (known !== 'deliver') return known;
    const acked = this.#acked.find((position) => position.seq === entry.seq);
    if (acked !== undefined && acked.tag !== entry.tag) return 'fork';
    this.#moveTo(entry);
    return 'deliver';
  }

  /** Entries that will not come by themselves. */
  gap(gap: Pick<GapEvent, 'from' | 'to' | 'tag' | 'reason'>): CursorVerdict {
    const end = { seq: gap.to, tag: gap.tag };
    if (gap.reason === 'reset') {
      this.#acked = [];
      this.#moveTo(end);
      // What is visible need not begin at 1: from nowhere, the next entry may stand anywhere.
      if (gap.to === 0) this.#position = undefined;
      return 'deliver';
    }
    const known = this.#judge(gap.from, end);
    if (known === 'deliver') this.#moveTo(end);
    return known;
  }

  /** The server acknowledged an entry of ours; it is named in `sync` until the entry itself has come. */
  acknowledge(position: Position): void {
    const isHere = this.#position !== undefined && position.seq <= this.#position.seq;
    if (isHere || this.#acked.some((acked) => acked.seq === position.seq)) return;
    this.#acked.push({ seq: position.seq, tag: position.tag });
    this.#acked.sort((a, b) => a.seq - b.seq);
    // The latest matter most: a database that lost its end lost those.
    if (this.#acked.length > MOST_ACKED) this.#acked.shift();
  }

  /**
   * What `sync` says about this conversation; undefined while nothing of it has come and nothing was acknowledged. An
   * acknowledged place is named even then: when the database lost it, only a `reset` makes this cursor forget it.
   */
  toSync(conversation: string): SyncCursor | undefined {
    if (this.#position === undefined && this.#acked.length === 0) return undefined;
    const { seq, tag } = this.#position ?? { seq: 0, tag: 0 };
    const cursor = { conversation, seq, tag };
    if (this.#acked.length === 0) return cursor;
    return { ...cursor, acked: this.#acked.map(({ seq, tag }): [number, number] => [seq, tag]) };
  }

  #judge(from: number, end: Position): CursorVerdict {
    const here = this.#position;
    if (here === undefined || (from === here.seq + 1 && end.seq >= from)) return 'deliver';
    if (end.seq > here.seq) return from > here.seq + 1 ? 'hole' : 'deliver';
    return end.seq === here.seq && end.tag !== here.tag ? 'fork' : 'duplicate';
  }

  #moveTo(position: Position): void {
    this.#position = { seq: position.seq, tag: position.tag };
    this.#acked = this.#acked.filter((acked) => acked.seq > position.seq);
  }
}
