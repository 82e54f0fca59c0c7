import {
  parseConversation,
  type Seq,
  type SyncCursor,
  type SyncMode,
  type SyncRequest,
  type Tag,
} from '@parley/protocol';
import type { StateVersion } from '../../chat/ports/index.ts';
import type { DeviceCursor, SyncPlan } from '../../delivery/peer.ts';

/** What a device gets that says nothing: the last screens of each conversation. */
const DEFAULT_MODE: SyncMode = { mode: 'lazy', last: 50 };

/** Cursors of one sync, over all its chunks. A device with more conversations than this starts the rest afresh. */
const MAX_CURSORS = 20_000;

/** Acknowledged positions in them. Of those that are left out a lost entry goes unnoticed, but not one that is there. */
const MAX_ACKED = 10_000;

/** Puts the chunks of a `sync` together. */
export class SyncPlanBuilder {
  readonly #cursors = new Map<string, DeviceCursor>();
  #acked = 0;
  #byDefault = DEFAULT_MODE;
  #state: StateVersion = { rev: 0, tag: 0 as Tag };

  add(chunk: SyncRequest): void {
    for (const cursor of chunk.cursors ?? []) {
      if (this.#cursors.size >= MAX_CURSORS) break;
      // Nothing is named otherwise, and what is kept here must not be as long as the frames that it came in.
      if (parseConversation(cursor.conversation) === undefined) continue;
      const known = deviceCursor(cursor, MAX_ACKED - this.#acked);
      this.#acked += known.acked.length;
      this.#cursors.set(cursor.conversation, known);
    }
    if (chunk.default !== undefined) this.#byDefault = chunk.default;
    if (chunk.state !== undefined) this.#state = { rev: chunk.state.rev, tag: chunk.state.tag as Tag };
  }

  build(): SyncPlan {
    return { from: 'device', cursors: this.#cursors, byDefault: this.#byDefault, state: this.#state };
  }
}

function deviceCursor({ seq, tag, acked = [], want }: SyncCursor, room: number): DeviceCursor {
  return {
    cursor: { seq: seq as Seq, tag: tag as Tag },
    acked: acked.slice(0, room).map(([ackedSeq, ackedTag]) => ({ seq: ackedSeq as Seq, tag: ackedTag as Tag })),
    want,
  };
}
