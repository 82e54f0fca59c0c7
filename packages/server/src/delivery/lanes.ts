import type { AppendRequest, AppendResult, ConversationId } from '../chat/ports/index.ts';
import { Lane, type LaneDeps, type LaneEvents, type Settled } from './lane.ts';
import type { Pending } from './message-log.ts';

/** What the lanes tell. */
export type LanesEvents = Pick<LaneEvents, 'placed' | 'refused' | 'changed' | 'ended'>;

/**
 * The two ways to the store. Nearly everything takes the main one. A conversation whose head somebody keeps locked (a
 * node that was frozen inside a transaction) is set aside: what comes for it goes the other way, so that it keeps its
 * order, and the rest does not wait for it. It comes back when something of it was judged and nothing of it waits there.
 */
export class Lanes {
  readonly #events: LanesEvents;
  readonly #main: Lane;
  readonly #aside: Lane;
  readonly #setAside = new Set<ConversationId>();

  constructor(deps: LaneDeps, events: LanesEvents) {
    this.#events = events;
    const refused = events.refused.bind(events);
    const told = { changed: events.changed.bind(events), ended: events.ended.bind(events), refused };
    this.#main = new Lane('main', deps, {
      ...told,
      placed: events.placed.bind(events),
      stuck: (pending) => this.#putAside(pending),
    });
    this.#aside = new Lane('aside', deps, {
      ...told,
      placed: (batch, results) => this.#placedAside(batch, results),
      stuck: (pending) => {
        for (const each of pending) refused(each, 'store_unavailable');
      },
    });
  }

  get areIdle(): boolean {
    return this.#main.isIdle && this.#aside.isIdle;
  }

  append(request: AppendRequest, settled: Settled): void {
    const lane = this.#setAside.has(request.conversation) ? this.#aside : this.#main;
    lane.append(request, settled);
  }

  holds(wanted: Pick<AppendRequest, 'conversation' | 'author' | 'clientId'>): boolean {
    return this.#main.holds(wanted) || this.#aside.holds(wanted);
  }

  #putAside(pending: readonly Pending<Settled>[]): void {
    for (const { request, owner } of pending) {
      this.#setAside.add(request.conversation);
      this.#aside.append(request, owner);
    }
  }

  #placedAside(batch: readonly Pending<Settled>[], results: readonly AppendResult[]): void {
    for (const { request } of batch) {
      if (!this.#aside.holdsAnyOf(request.conversation)) this.#setAside.delete(request.conversation);
    }
    this.#events.placed(batch, results);
  }
}
