import {
  type EntryEvent,
  type GapEvent,
  LIMITS,
  type StateVersion,
  type SyncCursor,
  type SyncMode,
} from '@parley/protocol';
import type { FieldsOf } from './connection.ts';
import { ConversationCursor, type CursorVerdict, type Position } from './conversation-cursor.ts';

/** Where a device begins. What it leaves out is taken from what it was told before. */
export interface SyncOptions {
  /** For conversations without a cursor: all, or the last n. Without it the server's default (the last 50). */
  readonly default?: SyncMode;
  /** How much of what was missed while the link was down is wanted; all of it unless told otherwise. */
  readonly missed?: SyncMode;
  /** Where the device stands, from an earlier run. */
  readonly cursors?: readonly SyncCursor[];
  /** The copy of the private state that the device holds. */
  readonly state?: StateVersion;
}

/** Leaves room for the other fields in a frame of `LIMITS.frameBytes`. */
const MOST_CHUNK_BYTES = 48_000;

/** How far a device has followed each of its conversations, and its private state. Pure. */
export class CursorTable {
  readonly #cursors = new Map<string, ConversationCursor>();
  /** How much is wanted of a conversation; undefined: as much as of one without a cursor. */
  readonly #wants = new Map<string, SyncMode | undefined>();
  readonly #default: SyncMode | undefined;
  readonly #missed: SyncMode;
  #state: StateVersion | undefined;

  constructor(options: SyncOptions) {
    this.#default = options.default;
    this.#missed = options.missed ?? { mode: 'full' };
    this.#state = options.state;
    for (const { conversation, seq, tag, acked = [], want } of options.cursors ?? []) {
      const positions = acked.map(([seq, tag]): Position => ({ seq, tag }));
      this.#cursors.set(conversation, new ConversationCursor({ seq, tag }, positions));
      this.#wants.set(conversation, want);
    }
  }

  /** The private state that the device holds; undefined before the first whole one. */
  get state(): StateVersion | undefined {
    return this.#state;
  }

  entry(event: EntryEvent): CursorVerdict {
    return this.#note(event.conversation, this.#at(event.conversation).entry(event));
  }

  gap(event: GapEvent): CursorVerdict {
    return this.#note(event.conversation, this.#at(event.conversation).gap(event));
  }

  /**
   * A page of private state came. Until the last one the copy is no version's: what it holds already could be of a history
   * that an older copy of the database takes back, so that all of it is wanted when the link breaks before. [STATE-1]
   */
  stateMoved({ rev, tag, more }: StateVersion & { readonly more?: boolean }): void {
    this.#state = more === true ? undefined : { rev, tag };
  }

  /** An entry of ours was acknowledged. */
  acknowledge(conversation: string, position: Position): void {
    this.#at(conversation).acknowledge(position);
  }

  /** Where the device stands in every conversation that it has followed. */
  cursors(): SyncCursor[] {
    return [...this.#cursors].flatMap(([conversation, cursor]) => cursor.toSync(conversation) ?? []);
  }

  /** The `sync` requests that tell all of it; the last one has no `more`. */
  requests(): FieldsOf<'sync'>[] {
    const chunks = cut(this.cursors().map((cursor) => this.#withWant(cursor)));
    const first = {
      ...(this.#default === undefined ? {} : { default: this.#default }),
      ...(this.#state === undefined ? {} : { state: this.#state }),
    };
    return chunks.map((cursors, index) => ({
      ...(index === 0 ? first : {}),
      cursors,
      ...(index < chunks.length - 1 ? { more: true } : {}),
    }));
  }

  #at(conversation: string): ConversationCursor {
    let cursor = this.#cursors.get(conversation);
    if (cursor === undefined) {
      cursor = new ConversationCursor();
      this.#cursors.set(conversation, cursor);
    }
    return cursor;
  }

  #withWant(cursor: SyncCursor): SyncCursor {
    const want = this.#wants.get(cursor.conversation);
    return want === undefined ? cursor : { ...cursor, want };
  }

  #note(conversation: string, verdict: CursorVerdict): CursorVerdict {
    if (verdict === 'deliver') this.#wants.set(conversation, this.#missed);
    return verdict;
  }
}

/** At least one chunk, each small enough for a frame. */
function cut(cursors: readonly SyncCursor[]): SyncCursor[][] {
  const chunks: SyncCursor[][] = [[]];
  let bytes = 0;
  for (const cursor of cursors) {
    const size = JSON.stringify(cursor).length + 1;
    const chunk = chunks.at(-1) as SyncCursor[];
    if (chunk.length >= LIMITS.syncCursors || (chunk.length > 0 && bytes + size > MOST_CHUNK_BYTES)) {
      chunks.push([cursor]);
      bytes = size;
    } else {
      chunk.push(cursor);
      bytes += size;
    }
  }
  return chunks;
}
