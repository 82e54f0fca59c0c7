import type { EntryEvent, GapEvent, StateEvent } from '@parley/protocol';
import { digestOfEntry } from '../history/digest.ts';
import type { HistoryWriter } from '../history/history-writer.ts';
import type { Chance } from './chance.ts';
import { DeviceCursors } from './device-cursors.ts';
import type { Endpoint } from './endpoint.ts';
import { type CallNote, LiveSession, type Outcome, type SessionListener } from './live-session.ts';

/** What all devices of a crowd share. */
export interface CrowdParts {
  readonly history: HistoryWriter;
  readonly endpoints: readonly Endpoint[];
  readonly chance: Chance;
  /** Numbers of sessions. */
  readonly nextSession: () => number;
  /** A device was made; it may be told to retire. */
  readonly onDevice: (device: Device) => void;
  /** Something was delivered. */
  readonly onDelivery: () => void;
  /** Something was refused because the database was not to be had. */
  readonly onUnavailable: () => void;
}

const LOGIN_MS = 4_000;
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 1_000;
/** A system holds some 6 MB for a connection whose other side reads nothing. */
const FLOOD_PAGES = 100;
const FLOOD_ENTRIES = 500;

/** A device of a user: it has a token, keeps cursors, and connects again whenever it is to be online and is not. */
export class Device implements SessionListener {
  readonly id: number;
  readonly user: number;
  readonly token: string;
  readonly cursors = new DeviceCursors();
  /** Called when it is logged in and has asked to be synced, and when the connection is gone. */
  onLive: () => void = () => {};
  onGone: () => void = () => {};
  readonly #parts: CrowdParts;
  readonly #positions = new Map<string, string>();
  #session: LiveSession | undefined;
  #version: { rev: number; tag: number } | undefined;
  #wantsOnline = false;
  #isConnecting = false;
  #isSynced = false;
  #isRetired = false;
  #failures = 0;
  #holdUntil = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(who: { id: number; user: number; token: string }, parts: CrowdParts) {
    this.id = who.id;
    this.user = who.user;
    this.token = who.token;
    this.#parts = parts;
    parts.onDevice(this);
  }

  get isLive(): boolean {
    return this.#session?.isLive === true && this.#session.number > 0;
  }

  /** Live, and was told all that was there. */
  get isSynced(): boolean {
    return this.isLive && this.#isSynced;
  }

  get isPaused(): boolean {
    return this.#session?.isPaused === true;
  }

  get wantsOnline(): boolean {
    return this.#wantsOnline;
  }

  /** Asks on the connection that there is; without one the outcome is `lost`, and nothing was asked or recorded. */
  async request(op: string, fields: object, note?: CallNote): Promise<Outcome> {
    if (!this.#session || !this.isLive) return { kind: 'lost' };
    const outcome = await this.#session.request(op, fields, note);
    if (outcome.kind === 'refused' && outcome.code === 'store_unavailable') this.#parts.onUnavailable();
    return outcome;
  }

  /** Ends its session, and never comes back. */
  retire(): void {
    this.#isRetired = true;
    this.goOffline('close');
  }

  get isRetired(): boolean {
    return this.#isRetired;
  }

  goOnline(): void {
    if (this.#isRetired) return;
    this.#wantsOnline = true;
    if (!this.#session && !this.#isConnecting && this.#timer === undefined) this.#schedule(0);
  }

  goOffline(how: 'close' | 'reset'): void {
    this.#wantsOnline = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (how === 'close') this.#session?.close();
    else this.#session?.reset('away');
  }

  /** Cuts the connection; it comes back. */
  cut(): void {
    this.#session?.reset('cut');
  }

  /** Reads nothing until `resume`, after it has asked for more than the system holds for it, so that the server's queue fills. */
  pause(): void {
    const [conversation] = this.cursors.conversations().sort((a, b) => this.cursors.seqIn(b) - this.cursors.seqIn(a));
    for (let count = 0; count < FLOOD_PAGES; count += 1) {
      void this.#session?.request('history', { conversation, after: 0, limit: FLOOD_ENTRIES });
    }
    this.#session?.pause();
  }

  resume(): void {
    this.#session?.resume();
  }

  tick(): void {
    this.#session?.tick();
  }

  onEntry(entry: EntryEvent): void {
    const { history, onDelivery } = this.#parts;
    const { conversation: c, seq: q, tag: g, clientId: i, from, target } = entry;
    const h = digestOfEntry({ ...entry, author: from.id, target: target?.id });
    const s = this.#session?.number ?? 0;
    // By hand: this is written more often than all else together. Client ids here need no escapes.
    history.line(`{"k":"e","t":${history.now()},"s":${s},"c":"${c}","q":${q},"g":${g},"h":${h},"i":"${i}"}`);
    this.cursors.entry(entry);
    onDelivery();
  }

  onGap(gap: GapEvent): void {
    const { history } = this.#parts;
    const { conversation: c, from, to, tag: g, reason: why } = gap;
    history.write({ k: 'gap', t: history.now(), s: this.#session?.number ?? 0, c, from, to, g, why });
    this.cursors.gap(gap);
  }

  onState({ rows, rev, tag, more }: StateEvent): void {
    for (const row of rows) {
      if (row.row === 'conversation') this.#notePosition(row.conversation, row.readSeq, row.deliveredSeq);
    }
    if (!more) this.#version = { rev, tag };
  }

  onSynced(): void {
    const { history } = this.#parts;
    this.#isSynced = true;
    history.write({ k: 'synced', t: history.now(), s: this.#session?.number ?? 0 });
  }

  onGoaway(afterMs: number): void {
    this.#holdUntil = performance.now() + this.#parts.chance.next() * Math.max(afterMs, FIRST_WAIT_MS);
  }

  onEnd(): void {
    const wasLive = (this.#session?.number ?? 0) > 0;
    this.#session = undefined;
    this.#isSynced = false;
    this.#positions.clear();
    if (wasLive) this.onGone();
    if (!this.#isConnecting) this.#again();
  }

  #notePosition(c: string, read: number, delivered: number): void {
    const told = `${read} ${delivered}`;
    if (this.#positions.get(c) === told) return;
    this.#positions.set(c, told);
    const { history } = this.#parts;
    history.write({ k: 'pos', t: history.now(), s: this.#session?.number ?? 0, u: this.user, c, read, delivered });
  }

  #again(): void {
    if (!this.#wantsOnline || this.#session || this.#timer !== undefined) return;
    const bound = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures);
    const held = this.#holdUntil - performance.now();
    this.#schedule(Math.max(held, bound * this.#parts.chance.next()));
  }

  #schedule(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#connect();
    }, ms);
  }

  async #connect(): Promise<void> {
    this.#isConnecting = true;
    const { history, endpoints, chance } = this.#parts;
    const endpoint = chance.pick(endpoints);
    try {
      const session = await LiveSession.connect(endpoint, this.user, { history, listener: this });
      this.#session = session;
      const deadline = setTimeout(() => session.reset('no answer to the log-in'), LOGIN_MS);
      await this.#logIn(session, endpoint).finally(() => clearTimeout(deadline));
    } catch {
      this.#failures += 1;
    }
    this.#isConnecting = false;
    if (!this.#wantsOnline) this.#session?.close();
    this.#again();
  }

  async #logIn(session: LiveSession, endpoint: Endpoint): Promise<void> {
    const { history, nextSession } = this.#parts;
    const note: CallNote = { op: 'resume', dev: this.id };
    const outcome = await session.request('resume', { token: this.token }, note);
    if (outcome.kind !== 'ok') {
      this.#failures += 1;
      session.reset('not let in');
      return;
    }
    this.#failures = 0;
    session.number = nextSession();
    const at = this.cursors.places();
    history.write({ k: 'open', t: history.now(), s: session.number, u: this.user, d: this.id, n: endpoint.name, at });
    const chunks = this.cursors.chunks();
    const state = this.#version === undefined ? {} : { state: this.#version };
    for (const [index, cursors] of chunks.entries()) {
      const more = index < chunks.length - 1 ? { more: true } : {};
      void session.request('sync', { cursors, default: { mode: 'full' }, ...state, ...more });
    }
    this.onLive();
  }
}
