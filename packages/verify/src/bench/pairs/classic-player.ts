import type { LoadLink } from '../../load/load-link.ts';
import { type Player, type Rally, TextSeries } from './rally.ts';

/** One side of a pair in the classic dialect: one frame out, one frame in. */
export class ClassicPlayer implements Player {
  /** When the message that is under way was sent, in milliseconds. */
  sentAt = 0;
  readonly #link: LoadLink;
  readonly #rally: Rally;
  readonly #head: string;
  readonly #outgoing: TextSeries;
  readonly #incoming: TextSeries;
  #partner: ClassicPlayer | undefined;
  #sent = 0;
  #expected: string;
  #arrived = 1;

  constructor(link: LoadLink, rally: Rally, users: { own: number; other: number }) {
    this.#link = link;
    this.#rally = rally;
    this.#head = `{"msgid":6,"id":${users.own},"name":"user${users.own}","toid":${users.other},"msg":"`;
    this.#outgoing = new TextSeries(users.own, users.other);
    this.#incoming = new TextSeries(users.other, users.own);
    this.#expected = this.#incoming.at(1);
    link.onFrame = (frame) => this.#onFrame(frame);
  }

  play(partner: ClassicPlayer): void {
    this.#partner = partner;
  }

  hit(): void {
    this.#sent += 1;
    this.#rally.counts.sent += 1;
    this.sentAt = performance.now();
    this.#link.write(`${this.#head}${this.#outgoing.at(this.#sent)}","time":"2026-11-24 12:00:00"}`);
  }

  #onFrame(frame: string): void {
    if (!frame.includes(this.#expected)) {
      this.#rally.complain(frame);
      return;
    }
    const rally = this.#rally;
    rally.counts.arrived += 1;
    rally.latencies.record((performance.now() - (this.#partner as ClassicPlayer).sentAt) * 1_000);
    this.#arrived += 1;
    this.#expected = this.#incoming.at(this.#arrived);
    if (rally.running) this.hit();
  }
}
