import type { LatencyHistogram } from '../../load/latency-histogram.ts';
import { startRelayChild } from '../child.ts';
import type { BenchContext } from '../context.ts';
import { formatMs } from '../output.ts';
import { GROUP_MEMBERS, tokenOf } from '../world/world.ts';
import { Audience } from './audience.ts';

/** One message to a group: the time until the last member has it. Parley and the relay take turns. */
export async function benchFanout(context: BenchContext): Promise<void> {
  for (const [index, members] of GROUP_MEMBERS.entries())
    await benchGroup(context, { group: `g${index + 1}`, members });
}

interface Group {
  readonly group: string;
  readonly members: number;
}

async function benchGroup(context: BenchContext, { group, members }: Group): Promise<void> {
  const { options, report } = context;
  report.begin(`fan-out, one message to a group of ${members}, all have it`);
  await using parley = await context.startParley();
  await using relay = await startRelayChild('native');
  const ours = await Audience.open({ ports: [parley.port], group, members, tokenOf });
  const bound = await Audience.open({ ports: [relay.port], group, members, tokenOf: (user) => `${user} ${group}` });
  const rounds: { ours: LatencyHistogram; bound: LatencyHistogram }[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    await ours.speakFor(options.warmUpMs);
    const spoken = await ours.speakFor(options.measureMs);
    await bound.speakFor(options.warmUpMs);
    rounds.push({ ours: spoken, bound: await bound.speakFor(options.measureMs) });
    report.note(
      `round ${round + 1}: parley ${describe(spoken)} · relay ${describe((rounds.at(-1) as { bound: LatencyHistogram }).bound)}`,
    );
  }
  ours.close();
  bound.close();
  for (const [name, share] of [
    ['p50', 0.5],
    ['p99', 0.99],
  ] as const) {
    report.add({
      name: `fan-out 1 → ${members} ${name}`,
      unit: 'ms',
      better: 'less',
      ours: rounds.map(({ ours }) => ours.quantile(share) / 1_000),
      bound: rounds.map(({ bound }) => bound.quantile(share) / 1_000),
      limits: [
        { of: 'median', atMost: 50 },
        { of: 'median ratio', atMost: 3 },
      ],
    });
  }
}

function describe(latencies: LatencyHistogram): string {
  return `${latencies.count} times, p50 ${formatMs(latencies.quantile(0.5))} p99 ${formatMs(latencies.quantile(0.99))}`;
}
