// What a message costs between two nodes: a channel for each conversation, or one that all nodes read. Prints a table.
// node --conditions=@parley/source packages/server/test/bus/redis/bus-bench.ts [messages a second ...]
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ord, Seq, Tag, UserId } from '@parley/protocol';
import { startRedis } from '../../../../rig/src/index.ts';
import { BusCodec } from '../../../src/bus/redis/bus-message.ts';
import { createChannels } from '../../../src/bus/redis/channels.ts';
import { openRedis } from '../../../src/bus/redis/open-redis.ts';
import { Outgoing } from '../../../src/bus/redis/outgoing.ts';
import { createConnection } from '../../../src/bus/redis/redis-connection.ts';
import type { BusEvent, ConversationId } from '../../../src/chat/ports/index.ts';
import { SILENT_LOG } from '../../../src/observe/log.ts';
import { SYSTEM_CLOCK } from '../../../src/system/system-clock.ts';
import { createSystemRandom } from '../../../src/system/system-random.ts';

const CONVERSATIONS = 100;
const SECONDS = 5;
/** About what a commit takes; all of a batch are of other conversations, so that none can be joined. */
const BATCH_MS = 4;
const BROADCAST = 'parley:bench:all';

type Way = 'conversation channels' | 'one channel for all';
interface Job {
  readonly url: string;
  readonly way: Way;
  readonly role: 'publish' | 'hear' | 'hear other conversations';
  readonly rate: number;
}
interface Result {
  readonly count: number;
  readonly cpuMicros: number;
}

if (process.send === undefined) await main(process.argv.slice(2).map(Number));
else process.once('message', (job: Job) => void work(job));

async function main(rates: number[]): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-bus-bench-'));
  await using redis = await startRedis({ folder });
  print('way | asked/s | heard/s | µs CPU per message: publisher, hearer, Redis, node with other conversations');
  for (const rate of rates.length > 0 ? rates : [10_000, 20_000, 40_000]) {
    for (const way of ['conversation channels', 'one channel for all'] as const) await measure(redis, way, rate);
  }
  rmSync(folder, { recursive: true });
}

async function measure(redis: { url: string; pid: number }, way: Way, rate: number): Promise<void> {
  const roles = ['publish', 'hear', 'hear other conversations'] as const;
  const nodes = roles.map((role) => start({ url: redis.url, way, role, rate }));
  await Promise.all(nodes.map((node) => once(node, 'message'))); // ready
  const before = cpuMicrosOf(redis.pid);
  for (const node of nodes) node.send('go');
  const [sent, heard, other] = (await Promise.all(
    nodes.map(async (node) => (await once(node, 'message'))[0]),
  )) as Result[];
  const redisMicros = cpuMicrosOf(redis.pid) - before;
  const count = heard?.count ?? 0;
  const each = [sent?.cpuMicros, heard?.cpuMicros, redisMicros, other?.cpuMicros].map((micros = 0) => micros / count);
  print([way, rate, Math.round(count / SECONDS), each.map((micros) => micros.toFixed(1)).join(', ')].join(' | '));
}

function start(job: Job): ChildProcess {
  const node = fork(new URL(import.meta.url).pathname);
  node.send(job);
  return node;
}

async function work(job: Job): Promise<void> {
  let count = 0;
  const door =
    job.way === 'conversation channels' ? await openBus(job, () => count++) : await openAll(job, () => count++);
  process.send?.('ready');
  await once(process, 'message');
  const before = process.cpuUsage();
  if (job.role === 'publish') await publish(job.rate, door);
  else await sleep((SECONDS + 0.5) * 1_000);
  const { user, system } = process.cpuUsage(before);
  process.send?.({ count, cpuMicros: user + system } satisfies Result);
  process.disconnect?.();
  await sleep(100);
  process.exit();
}

async function publish(rate: number, door: (event: BusEvent) => void): Promise<void> {
  const [startMs, seqs] = [performance.now(), new Uint32Array(CONVERSATIONS)];
  for (let sent = 0; sent < rate * SECONDS; await sleep(BATCH_MS)) {
    const due = Math.min(rate * SECONDS, ((performance.now() - startMs) / 1_000) * rate);
    for (; sent < due; sent += 1) {
      const index = sent % CONVERSATIONS;
      seqs[index] = (seqs[index] ?? 0) + 1;
      // Not what was said before, so that it cannot be joined.
      door(said(index + 1, seqs[index] * 2));
    }
  }
}

async function openBus({ url, role }: Job, onHeard: () => void): Promise<(event: BusEvent) => void> {
  const options = { url, deployment: 'bench', clock: SYSTEM_CLOCK, random: createSystemRandom(), log: SILENT_LOG };
  const { bus } = openRedis({ ...options, bootId: `${process.pid}` });
  bus.listen({ heard: onHeard, mayHaveMissed: () => undefined });
  const first = role === 'hear other conversations' ? CONVERSATIONS + 1 : 1;
  // As everywhere, the publisher has subscribed too.
  for (let id = first; id < first + CONVERSATIONS; id += 1) {
    bus.subscribe({ kind: 'conversation', id: id as ConversationId });
  }
  while (!bus.isUp) await sleep(1);
  await sleep(300);
  return (event) => bus.publish(event);
}

/** All messages of a turn in one, to everybody. */
async function openAll({ url, role }: Job, onHeard: () => void): Promise<(event: BusEvent) => void> {
  const codec = new BusCodec(`${process.pid}`);
  const outgoing = new Outgoing(codec, createChannels('bench').ofTopic);
  const connection = createConnection(url);
  connection.on('error', () => undefined);
  await connection.connect();
  await connection.sSubscribe([BROADCAST], (messages) => {
    for (const message of messages.split('\n')) {
      const event = codec.decode(message);
      if (event === 'own') return;
      if (role === 'hear' && typeof event !== 'string') onHeard();
    }
  });
  return (event) => {
    if (outgoing.isEmpty) {
      queueMicrotask(() => {
        const message = outgoing
          .take()
          .map((each) => each.message)
          .join('\n');
        void connection.sendCommand(['SPUBLISH', BROADCAST, message]);
      });
    }
    outgoing.add(event);
  };
}

function said(conversation: number, seq: number): BusEvent {
  const place = { conversation: conversation as ConversationId, seq: seq as Seq, ord: seq as Ord, tag: seq as Tag };
  const who = { author: 1 as UserId, authorName: 'ann', target: null, targetName: null, role: null };
  const clientId = `01HZX3K8Q${seq}`;
  const entry = {
    ...place,
    ...who,
    kind: 'message' as const,
    clientId,
    time: 1_700_000_000_000,
    text: 'x'.repeat(120),
  };
  return { kind: 'entries', prevTag: (seq - 1) as Tag, entries: [entry], ...place };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** User and system time in ticks of 10 ms. */
function cpuMicrosOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}
