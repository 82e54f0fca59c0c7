import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { LatencyHistogram } from '../../load/latency-histogram.ts';
import { NativeSession } from '../../load/native-session.ts';
import { OpenLoop } from '../../load/open-loop.ts';
import { RequestTimer } from '../../load/request-timer.ts';
import type { BenchContext } from '../context.ts';
import { formatMs, formatNumber } from '../output.ts';
import { Court } from '../pairs/court.ts';
import { PASSWORD, tokenOf } from '../world/world.ts';

/** How much longer every commit takes, in milliseconds. */
const DELAY_MS = 10;
const PAIRS = 20;
/** Users beyond the pairs; the two have a conversation. */
const FIRST_BYSTANDER = 2 * PAIRS + 1;
/** Requests of each kind a second, by a user who sends nothing. */
const PROBES = 100;

/**
 * A store whose every commit takes 10 ms more must hold up nobody who does not wait for a commit: pings and history of
 * other sessions, beside a server whose commits are not delayed (the bound here), while 20 pairs write to both.
 */
export async function benchSlowCommit(context: BenchContext): Promise<void> {
  const { options, report } = context;
  report.begin(`ping and history beside ${PAIRS} writing pairs, every commit ${DELAY_MS} ms slower`);
  report.note('relay here: the same server without the delay');
  await using slow = await context.startParley({
    program: fileURLToPath(import.meta.resolve('./slow-server.ts')),
    env: { BENCH_COMMIT_DELAY_MS: String(DELAY_MS) },
  });
  await using usual = await context.startParley();
  const [ours, bound] = [await Scene.open(slow.port), await Scene.open(usual.port)];
  const rounds: { ours: SceneResult; bound: SceneResult }[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    const played = { ours: await ours.play(options.measureMs), bound: await bound.play(options.measureMs) };
    rounds.push(played);
    report.note(`round ${round + 1}: delayed ${describe(played.ours)} · not delayed ${describe(played.bound)}`);
  }
  if (rounds.some(({ ours }) => ours.messageP50 < DELAY_MS * 1_000)) throw new Error('the commits were not delayed');
  for (const probe of ['ping', 'history'] as const) {
    for (const [name, share] of [
      ['p50', 0.5],
      ['p99', 0.99],
    ] as const) {
      const valueOf = (result: SceneResult) => result[probe].quantile(share) / 1_000;
      report.add({
        name: `${probe} beside slow commits ${name}`,
        unit: 'ms',
        better: 'less',
        ours: rounds.map(({ ours }) => valueOf(ours)),
        bound: rounds.map(({ bound }) => valueOf(bound)),
        limits: share === 0.5 ? [{ of: 'median', atMost: DELAY_MS / 2 }] : [],
      });
    }
  }
  for (const scene of [ours, bound]) scene.close();
}

interface SceneResult {
  readonly ping: LatencyHistogram;
  readonly history: LatencyHistogram;
  readonly messagesPerSecond: number;
  /** Microseconds. */
  readonly messageP50: number;
}

/** One server with pairs that write, and two users who only ask. */
class Scene {
  readonly #court: Court;
  readonly #bystanders: readonly [pings: NativeSession, reads: NativeSession];

  private constructor(court: Court, bystanders: readonly [NativeSession, NativeSession]) {
    this.#court = court;
    this.#bystanders = bystanders;
  }

  static async open(port: number): Promise<Scene> {
    const court = await Court.open({ ports: [port], dialect: 'native', pairs: PAIRS, tokenOf, password: PASSWORD });
    const bystander = async (user: number) => {
      const session = await NativeSession.connect(port);
      await session.request('resume', { token: tokenOf(user) });
      return session;
    };
    return new Scene(court, [await bystander(FIRST_BYSTANDER), await bystander(FIRST_BYSTANDER + 1)]);
  }

  async play(ms: number): Promise<SceneResult> {
    const [pings, reads] = this.#bystanders;
    const history = `"op":"history","conversation":"u${FIRST_BYSTANDER}","limit":20`;
    const probes = Promise.all([probeFor(ms, pings, '"op":"ping"'), probeFor(ms, reads, history)]);
    const round = await this.#court.play(0, ms);
    const [pingTimes, historyTimes] = await probes;
    return {
      ping: pingTimes,
      history: historyTimes,
      messagesPerSecond: round.messagesPerSecond,
      messageP50: round.p50,
    };
  }

  close(): void {
    this.#court.close();
    for (const session of this.#bystanders) session.end();
  }
}

/** Asks at a fixed rate for that long, and waits for the answers. */
async function probeFor(ms: number, session: NativeSession, request: string): Promise<LatencyHistogram> {
  const latencies = new LatencyHistogram();
  const timer = new RequestTimer(session, latencies);
  const loop = new OpenLoop(PROBES, (dueMs) => timer.ask(request, dueMs));
  loop.start();
  await sleep(ms);
  loop.stop();
  await timer.finish();
  return latencies;
}

function describe({ ping, history, messagesPerSecond }: SceneResult): string {
  const [pings, reads] = [ping, history].map((of) => `${formatMs(of.quantile(0.5))} / ${formatMs(of.quantile(0.99))}`);
  return `${formatNumber(messagesPerSecond)} messages/s, ping ${pings}, history ${reads} (p50 / p99)`;
}
