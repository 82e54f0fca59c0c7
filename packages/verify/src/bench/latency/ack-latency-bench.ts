import { setTimeout as sleep } from 'node:timers/promises';
import { clientIdMaker } from '../../load/client-ids.ts';
import { concurrently } from '../../load/concurrently.ts';
import { LatencyHistogram } from '../../load/latency-histogram.ts';
import { NativeSession } from '../../load/native-session.ts';
import { OpenLoop } from '../../load/open-loop.ts';
import { RequestTimer } from '../../load/request-timer.ts';
import { startRelayChild } from '../child.ts';
import type { BenchContext } from '../context.ts';
import { formatNumber } from '../output.ts';
import { Court } from '../pairs/court.ts';
import { PASSWORD, tokenOf } from '../world/world.ts';

const SHARES = [0.1, 0.5, 0.9] as const;
const TEXT = 'x'.repeat(100);

type TokenOf = (user: number) => string;

/**
 * Time from when a send was due to its receipt, at shares of the capacity that closed loop has shown just before. Open
 * loop: what was due during a stall counts from when it was due. The relay is asked for the same rates.
 */
export async function benchAckLatency(context: BenchContext): Promise<void> {
  const { options, report } = context;
  report.begin('receipt of a send, open loop at shares of the capacity');
  await using parley = await context.startParley();
  await using relay = await startRelayChild('native');
  const capacity = await capacityOf(parley.port, options.pairs, options.measureMs);
  report.note(`capacity in closed loop: ${formatNumber(capacity)} messages/s`);
  const ours = await Senders.open(parley.port, 2 * options.pairs, tokenOf);
  const bound = await Senders.open(relay.port, 2 * options.pairs, String);
  for (const share of SHARES) {
    const rounds: { ours: LatencyHistogram; bound: LatencyHistogram }[] = [];
    for (let round = 0; round < options.rounds; round += 1) {
      const rate = share * capacity;
      rounds.push({ ours: await ours.send(rate, options.measureMs), bound: await bound.send(rate, options.measureMs) });
    }
    for (const [name, quantile] of [
      ['p50', 0.5],
      ['p99', 0.99],
    ] as const) {
      report.add({
        name: `receipt at ${share * 100} % of capacity ${name}`,
        unit: 'ms',
        better: 'less',
        ours: rounds.map(({ ours }) => ours.quantile(quantile) / 1_000),
        bound: rounds.map(({ bound }) => bound.quantile(quantile) / 1_000),
        limits: [],
      });
    }
  }
  for (const senders of [ours, bound]) senders.close();
}

async function capacityOf(port: number, pairs: number, ms: number): Promise<number> {
  const court = await Court.open({ ports: [port], dialect: 'native', pairs, tokenOf, password: PASSWORD });
  await court.play(1_000, 1_000);
  const { messagesPerSecond } = await court.play(500, ms);
  court.close();
  return messagesPerSecond;
}

/** Users 1 to n, each sending to the one beside it, in turn. */
class Senders {
  readonly #sessions: readonly NativeSession[];
  readonly #nextClientId = clientIdMaker();
  readonly #last: string[];

  private constructor(sessions: readonly NativeSession[]) {
    this.#sessions = sessions;
    this.#last = sessions.map(() => '');
  }

  static async open(port: number, users: number, tokenOf: TokenOf): Promise<Senders> {
    const sessions = await concurrently(users, 50, async (number) => {
      const session = await NativeSession.connect(port);
      await session.request('resume', { token: tokenOf(number + 1) });
      await session.syncFromNow();
      return session;
    });
    return new Senders(sessions);
  }

  /** Sends at that rate for that long; throws when a send is refused or has no receipt. */
  async send(perSecond: number, ms: number): Promise<LatencyHistogram> {
    const latencies = new LatencyHistogram();
    const timers = this.#sessions.map((session) => new RequestTimer(session, latencies));
    let turn = 0;
    const loop = new OpenLoop(perSecond, (dueMs) => {
      turn = (turn + 1) % timers.length;
      (timers[turn] as RequestTimer).ask(this.#nextSend(turn), dueMs);
    });
    loop.start();
    await sleep(ms);
    loop.stop();
    await Promise.all(timers.map((timer) => timer.finish()));
    return latencies;
  }

  close(): void {
    for (const session of this.#sessions) session.end();
  }

  /** Sender 0 is user 1 and writes to user 2, sender 1 is user 2 and writes to user 1, and so on. */
  #nextSend(sender: number): string {
    const clientId = this.#nextClientId();
    const before = this.#last[sender];
    const after = before === '' ? '' : `"after":"${before}",`;
    this.#last[sender] = clientId;
    const partner = sender % 2 === 0 ? sender + 2 : sender;
    return `"op":"send","to":"u${partner}","clientId":"${clientId}",${after}"text":"${TEXT}"`;
  }
}
