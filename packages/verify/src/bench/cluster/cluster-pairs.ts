import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { startNginx } from '@parley/rig';
import { startRelayChild } from '../child.ts';
import type { BenchContext } from '../context.ts';
import { Bystanders, CpuTimes } from '../cpu-share.ts';
import { Court, type Dialect, type RoundResult } from '../pairs/court.ts';
import { describeRound } from '../pairs/pairs-bench.ts';
import { RUNS } from '../places.ts';
import type { Report } from '../report.ts';
import { PASSWORD } from '../world/world.ts';
import { type ClusterWorld, partsOf, tokenIn } from './cluster-world.ts';
import { rowsPerCommit } from './rows-per-commit.ts';

/** Shares of the relay's messages a second that the project has promised itself, with MariaDB. */
const WANTED = { nginx: 0.3, straight: 0.2 } as const;

type Route = keyof typeof WANTED;

/** Parley and the bare relay, each straight and through nginx. */
interface Courts {
  readonly nginx: Court;
  readonly relayNginx: Court;
  readonly straight: Court;
  readonly relayStraight: Court;
}

type Round = Readonly<Record<keyof Courts, RoundResult>>;

/** Pairs in closed loop, partners on different nodes; the bare relay takes its turns both ways. */
export async function benchClusterPairs(dialect: Dialect, world: ClusterWorld, context: BenchContext): Promise<void> {
  const { options, report } = context;
  report.begin(`${options.pairs} pairs, partners on two nodes, 100-byte texts, ${dialect} dialect, ${world.flavour}`);
  const folder = mkdtempSync(path.join(RUNS, 'nginx-'));
  await using relay = await startRelayChild(dialect);
  await using front = await startNginx({ folder, nodes: [relay.port] });
  const courts = await openCourts(dialect, world, { pairs: options.pairs, relay: relay.port, front: front.port });
  const bystanders = new Bystanders([relay.pid, ...Object.values(partsOf(world)).flat()]);
  const rounds: Round[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    bystanders.start();
    const beginMs = performance.now();
    rounds.push(await playRound(courts, world, context));
    const others = bystanders.share((performance.now() - beginMs) / 1_000) ?? 0;
    report.note(
      `round ${round}: others, the relay's nginx among them, used ${(100 * others).toFixed(0)} % of the CPUs`,
    );
  }
  for (const court of Object.values(courts)) (court as Court).close();
  rmSync(folder, { recursive: true, force: true });
  for (const route of ['nginx', 'straight'] as const) addFigure(report, { route, dialect, world, rounds });
}

async function openCourts(
  dialect: Dialect,
  world: ClusterWorld,
  { pairs, relay, front }: { pairs: number; relay: number; front: number },
): Promise<Courts> {
  const ours = { dialect, pairs, password: PASSWORD, tokenOf: tokenIn(world) };
  const bound = { ...ours, tokenOf: String };
  // Whoever plays in two courts would hear both.
  const others = { skip: 2 * pairs };
  return {
    nginx: await Court.open({ ...ours, ...others, ports: [world.cluster.port], oneByOne: true }),
    relayNginx: await Court.open({ ...bound, ...others, ports: [front] }),
    straight: await Court.open({ ...ours, ports: world.nodes }),
    relayStraight: await Court.open({ ...bound, ports: [relay] }),
  };
}

async function playRound(courts: Courts, world: ClusterWorld, { options, report }: BenchContext): Promise<Round> {
  const played: Partial<Record<keyof Courts, RoundResult>> = {};
  for (const [name, court] of Object.entries(courts) as [keyof Courts, Court][]) {
    const cpu = new CpuTimes(partsOf(world));
    const rows = await rowsPerCommit(world.cluster);
    const before = court.counts.arrived;
    const result = await court.play(options.warmUpMs, options.measureMs);
    played[name] = result;
    report.note(`${name} ${describeRound(result)}`);
    if (name.startsWith('relay')) continue;
    const each = cpu.per(court.counts.arrived - before);
    report.note(`  a message: CPU µs ${each}; ${(await rows()).toFixed(1)} rows a commit`);
  }
  return played as Round;
}

interface Played {
  readonly route: Route;
  readonly dialect: Dialect;
  readonly world: ClusterWorld;
  readonly rounds: readonly Round[];
}

function addFigure(report: Report, { route, dialect, world: { flavour }, rounds }: Played): void {
  const bound = route === 'nginx' ? 'relayNginx' : 'relayStraight';
  const isJudged = flavour === 'mariadb' && dialect === 'classic';
  report.add({
    name: `cluster ${flavour} ${dialect} ${route === 'nginx' ? 'through nginx' : 'straight'}`,
    unit: 'messages/s',
    better: 'more',
    ours: rounds.map((round) => round[route].messagesPerSecond),
    bound: rounds.map((round) => round[bound].messagesPerSecond),
    limits: isJudged ? [{ of: 'best ratio', atLeast: WANTED[route] }] : [],
  });
}
