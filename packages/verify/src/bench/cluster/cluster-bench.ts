import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, type Flavour, startCluster, startNginx } from '@parley/rig';
import { NativeSession } from '../../load/native-session.ts';
import { startRelayChild } from '../child.ts';
import type { BenchContext } from '../context.ts';
import { Bystanders } from '../cpu-share.ts';
import { Audience } from '../fanout/audience.ts';
import { formatMs, formatNumber } from '../output.ts';
import { Court, type Dialect, type RoundResult } from '../pairs/court.ts';
import { describeRound } from '../pairs/pairs-bench.ts';
import { BENCH_SETTINGS } from '../parley-child.ts';
import { RUNS } from '../places.ts';
import { PASSWORD } from '../world/world.ts';
import { makeGroup, registerPeople } from './people.ts';
import { measurePublishes } from './raw-publishes.ts';
import { measureTransactions } from './raw-transactions.ts';

/** Shares of the relay's messages a second that the project has promised itself, with MariaDB. */
const WANTED = { nginx: 0.3, straight: 0.2 } as const;
const GROUP_MEMBERS = 1_000;
/** Within so long a group must have a message, in milliseconds. */
const GROUP_MS = 100;
/** Within so long a message must cross nodes when Redis is gone, in milliseconds. */
const CROSSING_MS = 500;
const CROSSINGS = 20;

/** Two nodes, partners on different ones: on MariaDB, on which the ratios are judged, and on MySQL. */
export async function benchCluster(context: BenchContext): Promise<void> {
  for (const flavour of ['mariadb', 'mysql'] as const) await benchFlavour(flavour, context);
}

interface World {
  readonly flavour: Flavour;
  readonly cluster: Cluster;
  readonly nodes: readonly number[];
  readonly tokens: ReadonlyMap<number, string>;
}

async function benchFlavour(flavour: Flavour, context: BenchContext): Promise<void> {
  const folder = mkdtempSync(path.join(RUNS, 'cluster-'));
  try {
    await using cluster = await startCluster({ flavour, folder, env: BENCH_SETTINGS });
    const nodes = cluster.nodes.map(({ port }) => port);
    const tokens = await registerPeople(nodes, Math.max(2 * context.options.pairs, GROUP_MEMBERS));
    const world = { flavour, cluster, nodes, tokens };
    for (const dialect of context.options.dialects) await benchPairs(dialect, world, context);
    await benchGroup(world, context);
    await benchRaw(world, context);
    await benchWithoutRedis(world, context);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Route = 'straight' | 'nginx';

/** Pairs in closed loop, straight to the nodes and through nginx; the bare relay takes its turns both ways. */
async function benchPairs(dialect: Dialect, world: World, { options, report }: BenchContext): Promise<void> {
  const { flavour } = world;
  report.begin(`${options.pairs} pairs, partners on two nodes, 100-byte texts, ${dialect} dialect, ${flavour}`);
  await using relay = await startRelayChild(dialect);
  await using front = await startNginx({ folder: mkdtempSync(path.join(RUNS, 'nginx-')), nodes: [relay.port] });
  const ours = { dialect, pairs: options.pairs, password: PASSWORD, tokenOf: tokenIn(world) };
  const bound = { ...ours, tokenOf: String };
  const courts = {
    straight: await Court.open({ ...ours, ports: world.nodes }),
    nginx: await Court.open({ ...ours, ports: [world.cluster.port], oneByOne: true }),
    relayStraight: await Court.open({ ...bound, ports: [relay.port] }),
    relayNginx: await Court.open({ ...bound, ports: [front.port] }),
  };
  const rounds: Record<keyof typeof courts, RoundResult>[] = [];
  const bystanders = new Bystanders([relay.pid, front.pid, ...world.cluster.servers.map(({ pid }) => pid)]);
  for (let round = 1; round <= options.rounds; round += 1) {
    bystanders.start();
    const beginMs = performance.now();
    const play = (court: Court) => court.play(options.warmUpMs, options.measureMs);
    const played = {
      nginx: await play(courts.nginx),
      relayNginx: await play(courts.relayNginx),
      straight: await play(courts.straight),
      relayStraight: await play(courts.relayStraight),
    };
    rounds.push(played);
    const others = bystanders.share((performance.now() - beginMs) / 1_000) ?? 0;
    report.note(`round ${round}, others used ${(100 * others).toFixed(0)} % of the CPUs:`);
    for (const [name, result] of Object.entries(played)) report.note(`  ${name} ${describeRound(result)}`);
  }
  for (const court of Object.values(courts)) court.close();
  const name = `cluster ${flavour} ${dialect}`;
  const route = (ours: Route, bound: 'relayStraight' | 'relayNginx') =>
    report.add({
      name: `${name} ${ours === 'nginx' ? 'through nginx' : 'straight'}`,
      unit: 'messages/s',
      better: 'more',
      ours: rounds.map((round) => round[ours].messagesPerSecond),
      bound: rounds.map((round) => round[bound].messagesPerSecond),
      limits: flavour === 'mariadb' && dialect === 'classic' ? [{ of: 'best ratio', atLeast: WANTED[ours] }] : [],
    });
  route('nginx', 'relayNginx');
  route('straight', 'relayStraight');
}

async function benchGroup(world: World, { options, report }: BenchContext): Promise<void> {
  const { flavour } = world;
  report.begin(`fan-out over two nodes, one message to a group of ${GROUP_MEMBERS}, all have it, ${flavour}`);
  const group = await makeGroup(world.nodes[0] as number, world.tokens, GROUP_MEMBERS);
  const audience = await Audience.open({ ports: world.nodes, group, members: GROUP_MEMBERS, tokenOf: tokenIn(world) });
  await audience.speakFor(options.warmUpMs);
  const spoken = await audience.speakFor(options.measureMs);
  audience.close();
  report.add({
    name: `cluster ${flavour} fan-out 1 → ${GROUP_MEMBERS} p50`,
    unit: 'ms',
    better: 'less',
    ours: [spoken.quantile(0.5) / 1_000],
    bound: [],
    limits: [{ of: 'median', atMost: GROUP_MS }],
  });
}

/** What the parts do by themselves, to read the figures by. */
async function benchRaw({ cluster }: World, { options, report }: BenchContext): Promise<void> {
  report.begin('what the parts do at best, one client each');
  if (cluster.database !== undefined) {
    const rows = await measureTransactions(cluster.database.url, options.measureMs);
    report.note(`${cluster.database.name}: the log's transaction, 100 rows: ${formatNumber(rows)} rows/s`);
  }
  if (cluster.redis === undefined) return;
  const publishes = await measurePublishes(cluster.redis.url, options.measureMs);
  report.note(`${cluster.redis.name}: sharded publishes to one subscriber: ${formatNumber(publishes)}/s`);
}

/** Last, because Redis stays gone. */
async function benchWithoutRedis(world: World, { report }: BenchContext): Promise<void> {
  const { flavour, cluster, nodes, tokens } = world;
  if (cluster.redis === undefined) return;
  report.begin(`one message from node to node, Redis gone, ${flavour}`);
  await cluster.redis.kill();
  const [one, other] = await Promise.all(
    [1, 2].map(async (user, index) => {
      const session = await NativeSession.connect(nodes[index] as number);
      await session.request('resume', { token: tokens.get(user) });
      await session.syncFromNow();
      return session;
    }),
  );
  const tookMs: number[] = [];
  for (let count = 1; count <= CROSSINGS; count += 1) {
    tookMs.push(await crossing(one as NativeSession, other as NativeSession, `crossing ${count}`));
    await sleep(count * 13); // not in step with anything
  }
  one?.end();
  other?.end();
  report.note(`slowest ${formatMs(1_000 * Math.max(...tookMs))}`);
  report.add({
    name: `cluster ${flavour} without Redis, one message`,
    unit: 'ms',
    better: 'less',
    ours: tookMs,
    bound: [],
    limits: [{ of: 'median', atMost: CROSSING_MS }],
  });
}

/** From the send to the other node's session, in milliseconds. */
async function crossing(from: NativeSession, to: NativeSession, text: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<void>();
  to.onEvent = (frame) => {
    if (frame.includes(text)) resolve();
  };
  const beginMs = performance.now();
  await from.request('send', { to: 'u2', clientId: text, text });
  await promise;
  return performance.now() - beginMs;
}

function tokenIn({ tokens }: World): (user: number) => string {
  return (user) => tokens.get(user) as string;
}
