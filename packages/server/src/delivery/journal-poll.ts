import type { BusEvent, Clock, Journal, JournalNews, Timer } from '../chat/ports/index.ts';
import type { DeliveryLog } from './delivery-log.ts';
import type { DeliveryStats } from './delivery-stats.ts';

/** What is done with what the journal tells. */
export interface JournalEffects {
  heard(event: BusEvent): void;
  /** What is held may be wrong and nothing tells where: drop all of it. `why` is for the log. */
  behind(why: string): void;
  /** The same, and what was remembered of the database may be of another one. */
  forked(why: string): void;
}

/** What the poll needs. */
export interface JournalPollDeps {
  readonly journal: Journal;
  readonly bus: { readonly isUp: boolean };
  readonly clock: Clock;
  readonly log: DeliveryLog;
  readonly stats: DeliveryStats;
}

/** From the start of one read to the start of the next, in milliseconds, with the bus and without. */
const INTERVAL_MS = 1_000;
const INTERVAL_ALONE_MS = 250;
/** At least so long between two reads that something asked for, in milliseconds: a herd of subscriptions is one read. */
const SPACING_MS = 20;
/** What was committed just now comes over the bus, with its body: so long is left to it, in milliseconds. */
const HINT_MS = 100;
/** What was not read for so long may have changed who may write, in milliseconds. */
const STALE_MS = 2_000;

const WHY = {
  behind: 'this node has not read the journal for too long',
  forked: 'the database is not the one this node knew: was a backup restored, or did a failover lose its tail?',
};

/** Reads the journal again and again, for as long as the node lives. */
export class JournalPoll {
  readonly #deps: JournalPollDeps;
  readonly #effects: JournalEffects;
  #timer: Timer | undefined;
  /** Something asked for a read that begins after now. */
  #isWanted = false;
  #isReading = false;
  #isStopped = false;
  /** Start of the last read that succeeded. */
  #freshAtMs = Number.NEGATIVE_INFINITY;
  #failures = 0;

  constructor(deps: JournalPollDeps, effects: JournalEffects) {
    this.#deps = deps;
    this.#effects = effects;
  }

  /**
   * Takes the positions from which on news count, and reads on from then. Before anything is served.
   * @throws {StoreUnavailable} when that first read fails
   */
  async start(): Promise<void> {
    const startedMs = this.#deps.clock.monotonic();
    await this.#deps.journal.read();
    this.#freshAtMs = startedMs;
    this.#plan(this.#interval);
  }

  /** How old what the journal told is by now, in milliseconds. */
  get ageMs(): number {
    return this.#deps.clock.monotonic() - this.#freshAtMs;
  }

  /** So much may have been missed that no send may be taken: a member may have been put out, a device revoked. [IDENT-2] */
  get isStale(): boolean {
    return this.ageMs > STALE_MS;
  }

  /** Reads again, beginning after now. */
  soon(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    if (!this.#isReading) this.#plan(SPACING_MS);
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  get #interval(): number {
    return this.#deps.bus.isUp ? INTERVAL_MS : INTERVAL_ALONE_MS;
  }

  #plan(ms: number): void {
    this.#timer?.cancel();
    if (!this.#isStopped) this.#timer = this.#deps.clock.after(ms, () => void this.#read());
  }

  async #read(): Promise<void> {
    const startedMs = this.#deps.clock.monotonic();
    this.#isWanted = false;
    this.#isReading = true;
    try {
      const news = await this.#deps.journal.read();
      this.#tellBack();
      this.#failures = 0;
      this.#freshAtMs = startedMs;
      this.#deps.stats.journalReads += 1;
      this.#tell(news);
    } catch (error) {
      this.#failures += 1;
      if (this.#failures === 1) this.#deps.log.warn({ err: error }, 'the journal could not be read; trying again');
    }
    this.#isReading = false;
    this.#plan(this.#pause(startedMs));
  }

  /** For whoever asks why /readyz was red, and sends were refused: a database that stands still fails no read. */
  #tellBack(): void {
    if (this.#failures === 0 && !this.isStale) return;
    this.#deps.log.warn({ ms: Math.round(this.ageMs) }, 'the journal is read again; its age in ms');
  }

  #tell(news: JournalNews): void {
    if (news.state !== 'news') {
      this.#effects[news.state](WHY[news.state]);
      return;
    }
    this.#deps.stats.journalEvents += news.events.length;
    const { bus, clock } = this.#deps;
    const isLate = ({ kind }: BusEvent): boolean => bus.isUp && kind === 'entries';
    for (const event of news.events) if (!isLate(event)) this.#effects.heard(event);
    const entries = news.events.filter(isLate);
    if (entries.length === 0) return;
    clock.after(HINT_MS, () => {
      for (const event of entries) this.#effects.heard(event);
    });
  }

  #pause(startedMs: number): number {
    if (this.#isWanted) return SPACING_MS;
    if (this.#failures > 0) return INTERVAL_ALONE_MS;
    return Math.max(SPACING_MS, this.#interval - (this.#deps.clock.monotonic() - startedMs));
  }
}
