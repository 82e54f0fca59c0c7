import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Flavour, startCluster } from '@parley/rig';
import { NativeSession } from '../../load/native-session.ts';
import type { BenchContext } from '../context.ts';
import { Audience } from '../fanout/audience.ts';
import { formatMs, formatNumber } from '../output.ts';
import { BENCH_SETTINGS } from '../parley-child.ts';
import { PROFILES, RUNS } from '../places.ts';
import { benchClusterPairs } from './cluster-pairs.ts';
import { type ClusterWorld, tokenIn } from './cluster-world.ts';
import { introduce, makeGroup, registerPeople } from './people.ts';
import { measurePublishes } from './raw-publishes.ts';
import { measureTransactions } from './raw-transactions.ts';

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

async function benchFlavour(flavour: Flavour, context: BenchContext): Promise<void> {
  mkdirSync(RUNS, { recursive: true });
  const folder = mkdtempSync(path.join(RUNS, 'cluster-'));
  try {
    const profiling = context.options.profile ? { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${PROFILES}` } : {};
    await using cluster = await startCluster({ flavour, folder, env: { ...BENCH_SETTINGS, ...profiling } });
    const nodes = cluster.nodes.map(({ port }) => port);
    const world: ClusterWorld = { flavour, cluster, nodes, tokens: new Map() };
    await registerPeople(world, 4 * context.options.pairs);
    await introduce(world);
    for (const dialect of context.options.dialects) await benchClusterPairs(dialect, world, context);
    await benchGroup(world, context);
    await benchRaw(world, context);
    await benchWithoutRedis(world, context);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function benchGroup(world: ClusterWorld, { options, report }: BenchContext): Promise<void> {
  const { flavour } = world;
  report.begin(`fan-out over two nodes, one message to a group of ${GROUP_MEMBERS}, all have it, ${flavour}`);
  await registerPeople(world, GROUP_MEMBERS);
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
async function benchRaw({ cluster }: ClusterWorld, { options, report }: BenchContext): Promise<void> {
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
async function benchWithoutRedis(world: ClusterWorld, { report }: BenchContext): Promise<void> {
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
  await from.request('send', { to: 'u2', clientId: text.replace(' ', '-'), text });
  await promise;
  return performance.now() - beginMs;
}
