import { startRelayChild } from '../child.ts';
import type { BenchContext } from '../context.ts';
import { Bystanders } from '../cpu-share.ts';
import { formatMs, formatNumber } from '../output.ts';
import { PASSWORD, tokenOf } from '../world/world.ts';
import { Court, type Dialect, type RoundResult } from './court.ts';

/** What the project has promised itself: share of the relay's messages a second, and multiple of its p99. */
const WANTED = { classic: 0.35, native: 0.45, p99: 5 } as const;

/** Pairs in closed loop in one dialect: Parley and the bare relay take turns, round by round. */
export async function benchPairs(dialect: Dialect, context: BenchContext): Promise<void> {
  const { options, report } = context;
  report.begin(`${options.pairs} pairs, 100-byte texts, ${dialect} dialect, ${context.world}`);
  await using parley = await context.startParley();
  await using relay = await startRelayChild(dialect);
  const plan = { dialect, pairs: options.pairs, password: PASSWORD };
  const ours = await Court.open({ ...plan, ports: [parley.port], tokenOf });
  const bound = await Court.open({ ...plan, ports: [relay.port], tokenOf: String });
  const rounds: { ours: RoundResult; bound: RoundResult }[] = [];
  const bystanders = new Bystanders([parley.pid, relay.pid]);
  for (let round = 0; round < options.rounds; round += 1) {
    bystanders.start();
    const begin = performance.now();
    const played = {
      ours: await ours.play(options.warmUpMs, options.measureMs),
      bound: await bound.play(options.warmUpMs, options.measureMs),
    };
    rounds.push(played);
    const others = bystanders.share((performance.now() - begin) / 1_000);
    report.note(
      `round ${round + 1}: parley ${describeRound(played.ours)} · relay ${describeRound(played.bound)}${describeOthers(others)}`,
    );
  }
  ours.close();
  bound.close();
  report.note(`parley: ${formatNumber(ours.counts.sent)} sent, all arrived once and in order`);
  addFigures(dialect, context, rounds);
}

function addFigures(
  dialect: Dialect,
  { report }: BenchContext,
  rounds: { ours: RoundResult; bound: RoundResult }[],
): void {
  report.add({
    name: `pairs ${dialect}`,
    unit: 'messages/s',
    better: 'more',
    ours: rounds.map(({ ours }) => ours.messagesPerSecond),
    bound: rounds.map(({ bound }) => bound.messagesPerSecond),
    limits: [{ of: 'best ratio', atLeast: WANTED[dialect] }],
  });
  for (const quantile of ['p50', 'p99'] as const) {
    report.add({
      name: `pairs ${dialect} ${quantile}`,
      unit: 'ms',
      better: 'less',
      ours: rounds.map(({ ours }) => ours[quantile] / 1_000),
      bound: rounds.map(({ bound }) => bound[quantile] / 1_000),
      limits: quantile === 'p99' ? [{ of: 'median ratio', atMost: WANTED.p99 }] : [],
    });
  }
}

function describeOthers(share: number | undefined): string {
  return share === undefined ? '' : ` · others used ${(100 * share).toFixed(0)} % of the CPUs`;
}

/** For one line of the report. */
export function describeRound({ messagesPerSecond, p50, p99 }: RoundResult): string {
  return `${formatNumber(messagesPerSecond)}/s p50 ${formatMs(p50)} p99 ${formatMs(p99)}`;
}
