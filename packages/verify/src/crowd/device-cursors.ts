import type { EntryEvent, GapEvent, SyncCursor } from '@parley/protocol';

type Position = readonly [seq: number, tag: number];

/** Most that `acked` may name. */
const MOST_ACKED = 64;
const MOST_CURSORS = 500;

/** How far a device got in each conversation, as PROTOCOL.md asks clients to keep it. Judges nothing. */
export class DeviceCursors {
  readonly #positions = new Map<string, Position>();
  readonly #acked = new Map<string, Position[]>();

  seqIn(conversation: string): number {
    return this.#positions.get(conversation)?.[0] ?? 0;
  }

  conversations(): string[] {
    return [...this.#positions.keys()];
  }

  entry({ conversation, seq, tag }: EntryEvent): void {
    if (seq > this.seqIn(conversation)) this.#move(conversation, [seq, tag]);
  }

  gap({ conversation, to, tag, reason }: GapEvent): void {
    if (reason === 'reset' && to === 0) this.#positions.delete(conversation);
    else if (reason === 'reset' || to > this.seqIn(conversation)) this.#move(conversation, [to, tag]);
  }

  /** A send of this device was acknowledged; it is named until its entry has come. */
  acknowledged(conversation: string, seq: number, tag: number): void {
    if (seq <= this.seqIn(conversation)) return;
    const acked = this.#acked.get(conversation) ?? [];
    acked.push([seq, tag]);
    this.#acked.set(conversation, acked.slice(-MOST_ACKED));
  }

  /** For the history. */
  places(): [string, number, number][] {
    return [...this.#positions].map(([conversation, [seq, tag]]) => [conversation, seq, tag]);
  }

  /** For `sync`, in chunks of what one frame may hold; at least one. */
  chunks(): SyncCursor[][] {
    const cursors = this.places().map(([conversation, seq, tag]): SyncCursor => {
      const acked = (this.#acked.get(conversation) ?? []).map(([q, g]): [number, number] => [q, g]);
      const want = { mode: 'full' } as const;
      return acked.length === 0 ? { conversation, seq, tag, want } : { conversation, seq, tag, acked, want };
    });
    const chunks: SyncCursor[][] = [];
    do chunks.push(cursors.splice(0, MOST_CURSORS));
    while (cursors.length > 0);
    return chunks;
  }

  #move(conversation: string, position: Position): void {
    this.#positions.set(conversation, position);
    const acked = this.#acked.get(conversation);
    if (acked === undefined) return;
    const left = acked.filter(([seq]) => seq > position[0]);
    if (left.length > 0) this.#acked.set(conversation, left);
    else this.#acked.delete(conversation);
  }
}
