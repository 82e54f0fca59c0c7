import type { ChatClient, LinkStatus } from '@parley/client';
import type { GapEvent, SyncCursor, WireEntry } from '@parley/protocol';
import type { Place } from '../addresses.ts';
import type { Context } from '../context.ts';
import { DayLines } from '../day-lines.ts';
import { clock, entryObject, entryText, gapObject, gapText, SHOWN_KINDS, safe } from '../entries.ts';
import { type Chats, labelOf } from '../state/chats.ts';
import type { TailOptions } from './tail-options.ts';

export interface TailView {
  readonly options: TailOptions;
  /** The chats to show; all of them when empty. */
  readonly places: readonly Place[];
  /** What is known of the chats now. */
  readonly state: () => Chats;
}

/** Prints entries, gaps and the link's state, and knows how far it has come in each chat. */
export class TailPrinter {
  readonly #context: Context;
  readonly #client: ChatClient;
  readonly #view: TailView;
  readonly #days = new DayLines(Date.now());
  readonly #positions = new Map<string, SyncCursor>();
  readonly #last: Record<string, number> = {};
  /** Chats that were followed before: what is left out of them is worth a line. */
  #followed = new Set<string>();
  #printed = 0;
  #isStopped = false;
  #hasMoved = false;
  #wasLost = false;
  /** Called when --count entries were printed. */
  onFull: () => void = () => {};

  constructor(context: Context, client: ChatClient, view: TailView) {
    this.#context = context;
    this.#client = client;
    this.#view = view;
    this.status(client.status);
  }

  get isFull(): boolean {
    const { count } = this.#view.options;
    return count !== undefined && this.#printed >= count;
  }

  shows(conversation: string): boolean {
    const { places } = this.#view;
    return places.length === 0 || places.some((place) => place.conversation === conversation);
  }

  /** Positions of an earlier run stay, also of chats that are not shown now. */
  remember(stored: readonly SyncCursor[]): void {
    for (const cursor of stored) this.#positions.set(cursor.conversation, cursor);
  }

  /** From now on what the client tells is printed; `cursors` are where that begins. */
  follow(cursors: readonly SyncCursor[]): void {
    this.#followed = new Set(cursors.map(({ conversation }) => conversation));
    for (const { conversation, seq, tag } of cursors) this.#positions.set(conversation, { conversation, seq, tag });
    this.#client.on('entry', (entry) => this.entry(entry));
    this.#client.on('gap', (gap) => this.#gap(gap));
  }

  /** Prints nothing more; what was not printed stays unprinted for the next run. */
  stop(): void {
    this.#isStopped = true;
  }

  entry(entry: WireEntry): void {
    if (this.#isStopped || this.isFull || !this.shows(entry.conversation)) return;
    this.#moveTo(entry.conversation, entry);
    if (!this.#isWanted(entry)) return;
    const chat = this.#label(entry.conversation);
    const place = this.#view.places.length === 1 ? '' : `${safe(chat)} `;
    const me = this.#client.user;
    const text = this.#days.dated(entry.time, `${place}${entryText(entry, me)}`);
    this.#context.output.result(entryObject(entry, chat, me), text);
    this.#last[chat] = entry.seq;
    this.#printed += 1;
    if (this.isFull) this.onFull();
  }

  /** Says that the link was lost and came back. */
  status(status: LinkStatus): void {
    const { output, settings } = this.#context;
    const ts = new Date().toISOString();
    if (status.state === 'online') {
      const { user } = this.#client;
      output.json({ type: 'conn', state: 'online', server: settings.server, user: user ?? null, ts });
      if (this.#wasLost) output.note(`connected again ${clock(Date.now())}`);
      this.#wasLost = false;
    } else if (status.state === 'waiting') {
      const retry_in_ms = Math.max(0, status.untilMs - Date.now());
      output.json({ type: 'conn', state: 'waiting', server: settings.server, reason: status.reason, retry_in_ms, ts });
      if (!this.#wasLost) output.note(`connection lost ${clock(Date.now())}: ${status.reason} Trying again.`);
      this.#wasLost = true;
    }
  }

  end(reason: string): void {
    this.#context.output.json({ type: 'end', reason, last: this.#last, ts: new Date().toISOString() });
  }

  /** Where it stands in each chat, if that has changed since the last call. */
  takePositions(): SyncCursor[] | undefined {
    if (!this.#hasMoved) return undefined;
    this.#hasMoved = false;
    return [...this.#positions.values()];
  }

  #gap(gap: GapEvent): void {
    if (this.#isStopped || this.isFull || !this.shows(gap.conversation)) return;
    this.#moveTo(gap.conversation, { seq: gap.to, tag: gap.tag });
    const isBeginning = !this.#followed.has(gap.conversation);
    this.#followed.add(gap.conversation);
    // That there is more than was asked for is no news.
    if (isBeginning && gap.reason === 'paged') return;
    const chat = this.#label(gap.conversation);
    this.#context.output.json(gapObject(gap, chat));
    this.#context.output.note(gapText(gap, chat));
  }

  #moveTo(conversation: string, { seq, tag }: { readonly seq: number; readonly tag: number }): void {
    this.#positions.set(conversation, { conversation, seq, tag });
    this.#hasMoved = true;
  }

  #isWanted({ kind, from }: WireEntry): boolean {
    const { kinds, noSelf } = this.#view.options;
    const isKnown = kinds === undefined ? (SHOWN_KINDS as readonly string[]).includes(kind) : kinds.has(kind);
    return isKnown && !(noSelf && from.id === this.#client.user?.id);
  }

  #label(conversation: string): string {
    const known = labelOf(this.#view.state(), conversation);
    if (known !== conversation) return known;
    return this.#view.places.find((place) => place.conversation === conversation)?.label ?? known;
  }
}
