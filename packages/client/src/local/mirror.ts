import type { EntryEvent, GapEvent, StateEvent, SyncCursor } from '@parley/protocol';
import type { ChatClient } from '../chat-client.ts';
import type { SyncOptions } from '../cursor-table.ts';
import type { LocalStore, News } from './local-store.ts';
import { isDiskTrouble } from './store-file.ts';

/** What came is kept after this time at the latest, in milliseconds: one transaction for many entries. */
const KEEP_MS = 200;

/** Keeps a client's copy of what it is told up to date, for as long as the disk takes it. */
export class Mirror implements Disposable {
  readonly #client: ChatClient;
  readonly #store: LocalStore;
  readonly #onFailed: (error: unknown) => void;
  readonly #stop: (() => void)[];
  #entries: EntryEvent[] = [];
  #states: StateEvent[] = [];
  #reset: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #hasFailed = false;
  /** Cursors as they were kept last. */
  readonly #kept = new Map<string, string>();

  /** `onFailed`: nothing is kept any more. What was kept stays whole, so the next sync begins there. */
  constructor(client: ChatClient, store: LocalStore, onFailed: (error: unknown) => void = () => {}) {
    this.#client = client;
    this.#onFailed = onFailed;
    this.#store = store;
    this.#stop = [
      client.on('entry', (entry) => this.#note(() => this.#entries.push(entry))),
      client.on('gap', (gap) => this.#note(() => this.#onGap(gap))),
      client.on('state', (state) => this.#note(() => this.#states.push(state))),
    ];
  }

  /** How to sync so that only what is not kept yet comes. */
  syncOptions(): SyncOptions {
    const state = this.#store.state();
    const cursors = this.#store.cursors();
    return { cursors, ...(state === undefined ? {} : { state: { rev: state.rev, tag: state.tag } }) };
  }

  /** Keeps what has come. */
  keep(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const news: News = {
      entries: this.#entries,
      states: this.#states,
      reset: this.#reset,
      cursors: this.#client.cursors().filter((cursor) => this.#hasMoved(cursor)),
    };
    [this.#entries, this.#states, this.#reset] = [[], [], []];
    if (this.#hasFailed) return;
    try {
      this.#store.keep(news);
    } catch (error) {
      if (!isDiskTrouble(error)) throw error;
      this.#hasFailed = true;
      for (const stop of this.#stop) stop();
      this.#onFailed(error);
    }
  }

  /** Keeps the rest, and nothing more. */
  [Symbol.dispose](): void {
    for (const stop of this.#stop) stop();
    this.keep();
  }

  #hasMoved(cursor: SyncCursor): boolean {
    const text = JSON.stringify(cursor);
    if (this.#kept.get(cursor.conversation) === text) return false;
    this.#kept.set(cursor.conversation, text);
    return true;
  }

  #onGap({ conversation, reason }: GapEvent): void {
    if (reason !== 'reset') return;
    this.#kept.delete(conversation);
    this.#entries = this.#entries.filter((entry) => entry.conversation !== conversation);
    this.#reset.push(conversation);
  }

  #note(take: () => void): void {
    take();
    this.#timer ??= setTimeout(() => this.keep(), KEEP_MS);
  }
}
