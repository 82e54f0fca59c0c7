import { LatencyHistogram } from '../../load/latency-histogram.ts';

/** Bytes of one message's text. */
const TEXT_BYTES = 100;

/** Counts of one rally. Every number is exact: each frame is looked at. */
export interface RallyCounts {
  /** Messages handed to the server. */
  sent: number;
  /** Messages that reached their recipient, once and in order. */
  arrived: number;
  /** Receipts; the classic dialect has none. */
  acked: number;
  /** Own entries that came back to the sender; native only. */
  echoed: number;
  /** Frames that were not what had to come next: doubled, out of order, for somebody else, or a refusal. */
  wrong: number;
}

/** One side of a pair. */
export interface Player {
  /** Sends the next message to the other side. */
  hit(): void;
}

/**
 * Pairs that pass one message to and fro, each pair by itself: the next is sent when the partner's arrives. Shared by
 * all players of one target; holds what is counted.
 */
export class Rally {
  readonly counts: RallyCounts = { sent: 0, arrived: 0, acked: 0, echoed: 0, wrong: 0 };
  /** From sending to the partner's receipt, in microseconds. */
  readonly latencies = new LatencyHistogram();
  /** The first frames that were wrong, for the reader of the failure. */
  readonly complaints: string[] = [];
  #running = false;

  /** Whether a player that was reached hits back. */
  get running(): boolean {
    return this.#running;
  }

  start(servers: readonly Player[]): void {
    this.#running = true;
    for (const player of servers) player.hit();
  }

  stop(): void {
    this.#running = false;
  }

  /** Everything that was sent has arrived and, where there are receipts, has its receipt and its echo. */
  isAtRest(hasReceipts: boolean): boolean {
    const { sent, arrived, acked, echoed } = this.counts;
    return arrived === sent && (!hasReceipts || (acked === sent && echoed === sent));
  }

  complain(frame: string): void {
    this.counts.wrong += 1;
    if (this.complaints.length < 5) this.complaints.push(frame.slice(0, 300));
  }
}

/** Texts of one direction: `^` begins each and stands nowhere else, so that looking for one is quick. */
export class TextSeries {
  readonly #lead: string;
  readonly #filler: string;

  constructor(from: number, to: number) {
    this.#lead = `^${from}>${to} `;
    const text = 'a message of the usual length, as people write them, neither short nor long, and in one language ';
    this.#filler = ` ${text}`.slice(0, TEXT_BYTES - this.#lead.length - 9);
  }

  /** The text of the message with this number (from 1 to 99,999,999). */
  at(number: number): string {
    return `${this.#lead}${100_000_000 + number}${this.#filler}`;
  }
}
