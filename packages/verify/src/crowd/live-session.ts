import type { EntryEvent, GapEvent, StateEvent } from '@parley/protocol';
import type { HistoryWriter } from '../history/history-writer.ts';
import type { CallAnswer, CallOp, CallRecord } from '../history/record.ts';
import { LoadLink } from '../load/load-link.ts';
import type { Endpoint } from './endpoint.ts';
import { SessionHeartbeat } from './session-heartbeat.ts';

/** How a request ended. `lost`: the connection did first, so nobody knows whether it was done. */
export type Outcome =
  | { readonly kind: 'ok'; readonly reply: Readonly<Record<string, unknown>> }
  | { readonly kind: 'refused'; readonly code: string; readonly retryAfterMs: number }
  | { readonly kind: 'lost' };

/** What the history says about a call besides its times and outcome. Without it the call is not recorded. */
export type CallNote = Partial<Pick<CallRecord, 'c' | 'i' | 'a' | 'x' | 'w' | 'dev' | 'to'>> & { readonly op: CallOp };

/** Who hears what a session is sent. */
export interface SessionListener {
  onEntry(entry: EntryEvent): void;
  onGap(gap: GapEvent): void;
  onState(state: StateEvent): void;
  onSynced(): void;
  /** The server asks to connect elsewhere after so many milliseconds. */
  onGoaway(afterMs: number): void;
  /** Once; all that waited was told `lost` before. */
  onEnd(why: string): void;
}

interface Waiting {
  readonly at: number;
  readonly note: CallNote | undefined;
  readonly resolve: (outcome: Outcome) => void;
}

interface Reply {
  readonly re: number | null;
  readonly ok?: Record<string, unknown>;
  readonly err?: { readonly code: string; readonly retryAfterMs?: number };
}

type Event =
  | EntryEvent
  | GapEvent
  | StateEvent
  | { readonly ev: 'synced' | 'presence' }
  | { readonly ev: 'goaway'; readonly afterMs: number }
  | { readonly ev: 'close'; readonly reason: string };

const CONNECT_MS = 3_000;
const LOST: Outcome = { kind: 'lost' };
const RETRY_MS = 200;
/** So much of what is no frame is quoted. */
const MOST_NOISE = 200;

/** One connection of a device, raw: what the server sends is handed on as it comes, doubles and all. Writes calls into the history. */
export class LiveSession {
  readonly user: number;
  /** Its number in the history; 0 before it has one. */
  number = 0;
  readonly #link: LoadLink;
  readonly #history: HistoryWriter;
  readonly #listener: SessionListener;
  readonly #waiting = new Map<number, Waiting>();
  readonly #heartbeat: SessionHeartbeat;
  #lastId = 0;
  #isPaused = false;
  #isEnded = false;
  #isLeaving = false;
  /** Why it ends, when that was said before. */
  #why: string | undefined;

  private constructor(link: LoadLink, user: number, { history, listener }: SessionParts) {
    this.#link = link;
    this.user = user;
    this.#history = history;
    this.#listener = listener;
    this.#heartbeat = new SessionHeartbeat(history.now());
    link.onFrame = (frame) => this.#onFrame(frame);
    link.onClosed = (error) => this.end(this.#why ?? error?.message ?? 'closed');
  }

  /** Connects; rejects when it cannot within 3 s. */
  static async connect({ port, host }: Endpoint, user: number, parts: SessionParts): Promise<LiveSession> {
    const where = host === undefined ? { port } : { port, host };
    const link = await LoadLink.connect({ ...where, terminator: 'lf', connectMs: CONNECT_MS });
    return new LiveSession(link, user, parts);
  }

  get isLive(): boolean {
    return !this.#isEnded && !this.#isLeaving;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Asks; resolves in every case. */
  request(op: string, fields: object, note?: CallNote): Promise<Outcome> {
    const at = this.#history.now();
    return new Promise((resolve) => {
      const waiting: Waiting = { at, note, resolve };
      if (this.#isEnded || this.#isLeaving) {
        this.#settle(waiting, LOST);
        return;
      }
      this.#lastId += 1;
      this.#waiting.set(this.#lastId, waiting);
      this.#heartbeat.said(at);
      this.#link.write(JSON.stringify({ id: this.#lastId, op, ...fields }));
    });
  }

  /** Looks after the link; call it a few times a second. */
  tick(): void {
    if (this.#isPaused) return; // it could not hear the answer
    const [oldest] = this.#waiting.values();
    const verdict = this.#heartbeat.look(this.#history.now(), oldest?.at);
    if (verdict === 'dead') this.reset('no answer');
    else if (verdict === 'ping') void this.request('ping', {});
  }

  /** Stops reading for a while. */
  pause(): void {
    this.#isPaused = true;
    this.#link.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#heartbeat.heard(this.#history.now());
    this.#link.resume();
  }

  /** Closes in order. */
  close(): void {
    this.#why = 'left';
    this.#isLeaving = true;
    this.#link.end();
  }

  /** Cuts the connection. */
  reset(why: string): void {
    this.#link.reset();
    this.end(why);
  }

  /** The connection is over. */
  end(why: string): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (this.number > 0) this.#history.write({ k: 'shut', t: this.#history.now(), s: this.number, why });
    for (const waiting of this.#waiting.values()) this.#settle(waiting, LOST);
    this.#waiting.clear();
    this.#listener.onEnd(why);
  }

  #onFrame(frame: string): void {
    if (this.#isEnded) return;
    this.#heartbeat.heard(this.#history.now());
    const parsed = parse(frame);
    if (parsed === undefined) this.#onNoise(frame);
    else if ('re' in parsed) this.#onReply(parsed);
    else this.#onEvent(parsed);
  }

  /** No server of ours says that. */
  #onNoise(frame: string): void {
    const what = `user ${this.user} was sent what is no frame: ${frame.slice(0, MOST_NOISE)}`;
    this.#history.write({ k: 'problem', what });
    this.reset('no frame');
  }

  #onReply({ re, ok, err }: Reply): void {
    const waiting = re === null ? undefined : this.#waiting.get(re);
    if (re === null || waiting === undefined) return;
    this.#waiting.delete(re);
    if (ok) this.#settle(waiting, { kind: 'ok', reply: ok });
    else
      this.#settle(waiting, {
        kind: 'refused',
        code: err?.code ?? 'none',
        retryAfterMs: err?.retryAfterMs ?? RETRY_MS,
      });
  }

  #onEvent(event: Event): void {
    if (event.ev === 'entry') this.#listener.onEntry(event);
    else if (event.ev === 'gap') this.#listener.onGap(event);
    else if (event.ev === 'state') this.#listener.onState(event);
    else if (event.ev === 'synced') this.#listener.onSynced();
    else if (event.ev === 'goaway') this.#listener.onGoaway(event.afterMs);
    else if (event.ev === 'close') this.#why = event.reason;
  }

  #settle({ at, note, resolve }: Waiting, outcome: Outcome): void {
    if (note) {
      const record = { k: 'call', t: at, d: this.#history.now(), s: this.number, u: this.user, ...note } as const;
      if (outcome.kind === 'ok') this.#history.write({ ...record, ...placeOf(outcome.reply, note) });
      else if (outcome.kind === 'refused') this.#history.write({ ...record, e: outcome.code });
      else this.#history.write(record);
    }
    resolve(outcome);
  }
}

/** What a session writes to, and who hears it. */
export interface SessionParts {
  readonly history: HistoryWriter;
  readonly listener: SessionListener;
}

function parse(frame: string): Reply | Event | undefined {
  try {
    const parsed: unknown = JSON.parse(frame);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Reply | Event) : undefined;
  } catch {
    return undefined;
  }
}

function placeOf(reply: Readonly<Record<string, unknown>>, note: CallNote): { r: CallAnswer; c?: string } {
  const { seq, ord, tag, duplicate, state, conversation } = reply as {
    [key in 'seq' | 'ord' | 'tag']?: number;
  } & { duplicate?: true; state?: string; conversation?: string };
  const r: CallAnswer = { q: seq, o: ord, g: tag, dup: duplicate ? 1 : undefined, st: state };
  return note.c === undefined && conversation !== undefined ? { c: conversation, r } : { r };
}
