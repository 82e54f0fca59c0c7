import { setTimeout as sleep } from 'node:timers/promises';
import { ClassicSession } from '../../load/classic-session.ts';
import { concurrently } from '../../load/concurrently.ts';
import type { LoadLink } from '../../load/load-link.ts';
import { NativeSession } from '../../load/native-session.ts';
import { ClassicPlayer } from './classic-player.ts';
import { NativePlayer } from './native-player.ts';
import { type Player, Rally, type RallyCounts } from './rally.ts';

export type Dialect = 'classic' | 'native';

/** Whom to connect to and as whom. Pair n is users 2n−1 and 2n, or so many further on. */
export interface CourtPlan {
  /**
   * Users take these in turn, by number: with two, partners are on different nodes. With one that hands connections
   * out in turn, connecting `oneByOne` does the same.
   */
  readonly ports: readonly number[];
  readonly oneByOne?: boolean;
  readonly dialect: Dialect;
  readonly pairs: number;
  /** How many users are left to others; an even number. */
  readonly skip?: number;
  /** What a native session resumes with. */
  readonly tokenOf: (user: number) => string;
  /** What a classic session logs in with. */
  readonly password: string;
}

/** What was measured in one round. */
export interface RoundResult {
  readonly messagesPerSecond: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** How long everything under way may take to arrive after the last hit, in milliseconds. */
const REST_MS = 10_000;

/** All pairs of one target, connected once and played with in rounds. */
export class Court {
  readonly #plan: CourtPlan;
  readonly #rally = new Rally();
  readonly #servers: Player[] = [];
  readonly #links: LoadLink[] = [];
  #broken: Error | undefined;

  private constructor(plan: CourtPlan) {
    this.#plan = plan;
  }

  /** Connects and logs in everybody, 20 pairs at a time. */
  static async open(plan: CourtPlan): Promise<Court> {
    const court = new Court(plan);
    await concurrently(plan.pairs, plan.oneByOne === true ? 1 : 20, (pair) =>
      court.#addPair((plan.skip ?? 0) + 2 * pair + 1),
    );
    return court;
  }

  /** The counts since the court was opened. */
  get counts(): Readonly<RallyCounts> {
    return this.#rally.counts;
  }

  /**
   * Plays one round: everybody starts, the warm-up is not counted, then it is measured, then everything comes to rest.
   * Throws when a message is lost, doubled or out of order, or a connection ends.
   */
  async play(warmUpMs: number, measureMs: number): Promise<RoundResult> {
    const rally = this.#rally;
    rally.start(this.#servers);
    await sleep(warmUpMs);
    rally.latencies.clear();
    const arrivedBefore = rally.counts.arrived;
    const begin = performance.now();
    await sleep(measureMs);
    const seconds = (performance.now() - begin) / 1_000;
    const result = {
      messagesPerSecond: (rally.counts.arrived - arrivedBefore) / seconds,
      p50: rally.latencies.quantile(0.5),
      p99: rally.latencies.quantile(0.99),
    };
    rally.stop();
    await this.#rest();
    return result;
  }

  close(): void {
    for (const link of this.#links) {
      link.onClosed = () => {};
      link.end();
    }
  }

  async #rest(): Promise<void> {
    const hasReceipts = this.#plan.dialect === 'native';
    const deadline = performance.now() + REST_MS;
    while (!this.#rally.isAtRest(hasReceipts) && performance.now() < deadline && !this.#broken) await sleep(5);
    // One tick more: what is doubled would come now.
    await sleep(20);
    const { wrong } = this.#rally.counts;
    if (this.#broken || wrong > 0 || !this.#rally.isAtRest(hasReceipts)) {
      const what = JSON.stringify({ ...this.#rally.counts, frames: this.#rally.complaints });
      throw new Error(`${this.#plan.dialect} pairs: not everything arrived once and in order: ${what}`, {
        cause: this.#broken,
      });
    }
  }

  async #addPair(first: number): Promise<void> {
    const users = { own: first, other: first + 1 };
    const mirrored = { own: users.other, other: users.own };
    if (this.#plan.dialect === 'native') {
      const [one, other] = await this.#both(users, (user) => this.#native(user));
      const [left, right] = [new NativePlayer(one, this.#rally, users), new NativePlayer(other, this.#rally, mirrored)];
      left.play(right);
      right.play(left);
      this.#servers.push(left);
    } else {
      const [one, other] = await this.#both(users, (user) => this.#classic(user));
      const [left, right] = [
        new ClassicPlayer(one, this.#rally, users),
        new ClassicPlayer(other, this.#rally, mirrored),
      ];
      left.play(right);
      right.play(left);
      this.#servers.push(left);
    }
  }

  async #both<T>(users: { own: number; other: number }, connect: (user: number) => Promise<T>): Promise<[T, T]> {
    if (this.#plan.oneByOne === true) return [await connect(users.own), await connect(users.other)];
    return Promise.all([connect(users.own), connect(users.other)]);
  }

  #portOf(user: number): number {
    const { ports } = this.#plan;
    return ports[(user - 1) % ports.length] as number;
  }

  async #native(user: number): Promise<NativeSession> {
    const session = await NativeSession.connect(this.#portOf(user));
    await session.request('resume', { token: this.#plan.tokenOf(user) });
    await session.syncFromNow();
    this.#watch(session.link);
    return session;
  }

  async #classic(user: number): Promise<LoadLink> {
    const { link } = await ClassicSession.logIn(this.#portOf(user), user, this.#plan.password);
    this.#watch(link);
    return link;
  }

  #watch(link: LoadLink): void {
    this.#links.push(link);
    link.onClosed = (error) => {
      this.#broken ??= error ?? new Error('the server closed a connection');
    };
  }
}
