import { clientIdMaker } from '../../load/client-ids.ts';
import type { NativeSession } from '../../load/native-session.ts';
import { type Player, type Rally, TextSeries } from './rally.ts';

/** Of how many entries one is parsed whole: number, author, client id. Of all others the text is compared. */
const SAMPLE = 64;

interface WireEntry {
  readonly seq: number;
  readonly from: { readonly id: number };
  readonly clientId: string;
  readonly text: string;
}

const nextClientId = clientIdMaker();

/**
 * One side of a pair in the native dialect: one frame out; its receipt, its own entry and the partner's entry in.
 * Every send names the one before (`after`), as the client library does.
 */
export class NativePlayer implements Player {
  sentAt = 0;
  clientId = '';
  readonly #session: NativeSession;
  readonly #rally: Rally;
  readonly #users: { own: number; other: number };
  readonly #outgoing: TextSeries;
  readonly #incoming: TextSeries;
  #partner: NativePlayer | undefined;
  #sent = 0;
  #outText = '';
  #inText: string;
  #arrived = 1;
  /** Seq of the last entry seen, own or the partner's; 0 before the first. */
  #seq = 0;
  /** Entries seen since that seq was read. */
  #since = 0;

  constructor(session: NativeSession, rally: Rally, users: { own: number; other: number }) {
    this.#session = session;
    this.#rally = rally;
    this.#users = users;
    this.#outgoing = new TextSeries(users.own, users.other);
    this.#incoming = new TextSeries(users.other, users.own);
    this.#inText = this.#incoming.at(1);
    session.link.onFrame = (frame) => this.#onFrame(frame);
  }

  play(partner: NativePlayer): void {
    this.#partner = partner;
  }

  hit(): void {
    const after = this.clientId;
    this.clientId = nextClientId();
    this.#sent += 1;
    this.#outText = this.#outgoing.at(this.#sent);
    this.#rally.counts.sent += 1;
    this.sentAt = performance.now();
    const head = `{"id":${this.#session.nextId()},"op":"send","to":"u${this.#users.other}","clientId":"${this.clientId}",`;
    const chain = after === '' ? '' : `"after":"${after}",`;
    this.#session.link.write(`${head}${chain}"text":"${this.#outText}"}`);
  }

  #onFrame(frame: string): void {
    if (frame.startsWith('{"re":')) this.#onReceipt(frame);
    else if (frame.includes(this.#inText)) this.#onPartnersEntry(frame);
    else if (this.#outText !== '' && frame.includes(this.#outText)) this.#onOwnEntry(frame);
    else this.#rally.complain(frame);
  }

  #onPartnersEntry(frame: string): void {
    const rally = this.#rally;
    const partner = this.#partner as NativePlayer;
    rally.counts.arrived += 1;
    rally.latencies.record((performance.now() - partner.sentAt) * 1_000);
    this.#inspect(frame, partner);
    this.#arrived += 1;
    this.#inText = this.#incoming.at(this.#arrived);
    if (rally.running) this.hit();
  }

  /** The own entry comes back before the partner can answer, since both are one log: so it is always the last sent. */
  #onOwnEntry(frame: string): void {
    this.#rally.counts.echoed += 1;
    this.#inspect(frame, this);
    this.#outText = '';
  }

  #onReceipt(frame: string): void {
    if (frame.includes('"ok":')) this.#rally.counts.acked += 1;
    else this.#rally.complain(frame);
  }

  /** The log is dense: between two sampled entries lie as many numbers as entries came. */
  #inspect(frame: string, author: NativePlayer): void {
    this.#since += 1;
    if (this.#seq !== 0 && this.#since < SAMPLE) return;
    const entry = JSON.parse(frame) as WireEntry;
    const isDense = this.#seq === 0 || entry.seq === this.#seq + this.#since;
    if (!isDense || entry.clientId !== author.clientId || entry.from.id !== author.#users.own) {
      this.#rally.complain(frame);
    }
    this.#seq = entry.seq;
    this.#since = 0;
  }
}
