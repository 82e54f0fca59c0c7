/**
 * How many rows a second the log's transaction takes on a real server, from one node and from two. Not a test:
 * `node --conditions=@parley/source packages/server/test/store/mysql/log-bench.ts [--flavour mysql] [--seconds 4]`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createClientId, type UserId } from '@parley/protocol';
import { type Flavour, startMysql } from '../../../../rig/src/index.ts';
import type { AppendRequest, ConversationId } from '../../../src/chat/ports/records.ts';
import { type MysqlStore, openMysqlStore } from '../../../src/store/mysql/mysql-store.ts';

const { values } = parseArgs({
  options: {
    flavour: { type: 'string', default: 'mariadb' },
    seconds: { type: 'string', default: '4' },
    pairs: { type: 'string', default: '100' },
    only: { type: 'string' },
  },
});
const TEXT = 'x'.repeat(100);

interface Pair {
  readonly conversation: ConversationId;
  readonly people: readonly [UserId, UserId];
}

/** One node with the conversations that it writes to. */
interface Node {
  readonly store: MysqlStore;
  readonly pairs: readonly Pair[];
  /** Each author's last client id, by conversation and side. */
  readonly last: Map<string, string>;
}

async function openPairs(store: MysqlStore, name: string): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (let count = 0; count < Number(values.pairs); count += 1) {
    const people = await Promise.all([0, 1].map((side) => createUser(store, `${name} ${count} ${side}`)));
    const [one, other] = people as [UserId, UserId];
    const opened = await store.openDirect(one, other);
    if (typeof opened === 'string') throw new Error(opened);
    pairs.push({ conversation: opened.id, people: [one, other] });
  }
  return pairs;
}

async function createUser(store: MysqlStore, name: string): Promise<UserId> {
  const id = await store.createUser({ name, key: name, passwordHash: '' });
  if (id === undefined) throw new Error('name taken');
  return id;
}

function makeBatch({ pairs, last }: Node, rows: number): AppendRequest[] {
  return Array.from({ length: rows }, () => {
    const { conversation, people } = pairs[Math.floor(Math.random() * pairs.length)] as Pair;
    const side = Math.random() < 0.5 ? 0 : 1;
    const [key, clientId] = [`${conversation} ${side}`, createClientId()];
    const after = last.get(key) ?? null;
    last.set(key, clientId);
    const rest = { kind: 'message', text: TEXT, target: null, role: null } as const;
    return { conversation, author: people[side], authorName: '', clientId, hash: 5, after, ...rest };
  });
}

/** Commits batch after batch until the time is over; the times of each in milliseconds. */
async function run(node: Node, rows: number, endMs: number): Promise<number[]> {
  const times: number[] = [];
  while (performance.now() < endMs) {
    const batch = makeBatch(node, rows);
    const startMs = performance.now();
    const outcome = await node.store.commit(batch, 'main');
    times.push(performance.now() - startMs);
    if (outcome.state !== 'done' || outcome.results.some((result) => result?.state !== 'committed')) {
      throw new Error(JSON.stringify(outcome).slice(0, 500));
    }
  }
  return times;
}

async function measure(name: string, nodes: readonly Node[], rows: number): Promise<void> {
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const endMs = startMs + Number(values.seconds) * 1_000;
  const times = (await Promise.all(nodes.map((node) => run(node, rows, endMs)))).flat();
  const seconds = (performance.now() - startMs) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  times.sort((one, other) => one - other);
  const at = (part: number): string => (times[Math.floor(times.length * part)] ?? 0).toFixed(1);
  const total = times.length * rows;
  const columns = [
    `${Math.round(total / seconds)} rows/s`,
    `${((user + system) / total).toFixed(1)} µs node CPU a row`,
    `p50 ${at(0.5)} ms`,
    `p99 ${at(0.99)} ms`,
  ];
  process.stdout.write(`${name.padEnd(34)} ${columns.map((column) => column.padStart(22)).join('')}\n`);
}

const folder = mkdtempSync(path.join(tmpdir(), 'parley-bench-'));
const server = await startMysql({ flavour: values.flavour as Flavour, folder });
try {
  const stores = [await openMysqlStore({ url: server.url }), await openMysqlStore({ url: server.url })];
  const [one, other] = stores as [MysqlStore, MysqlStore];
  const [first, second] = [await openPairs(one, 'one'), await openPairs(other, 'other')];
  const hot = first.slice(0, 1);
  const setups = {
    'one node': [{ store: one, pairs: first, last: new Map() }],
    'two nodes, different conversations': [
      { store: one, pairs: first, last: new Map() },
      { store: other, pairs: second, last: new Map() },
    ],
    'two nodes, one hot conversation': [
      { store: one, pairs: hot, last: new Map() },
      { store: other, pairs: hot, last: new Map() },
    ],
  } satisfies Record<string, Node[]>;
  for (const [name, nodes] of Object.entries(setups)) {
    if (values.only !== undefined && !name.includes(values.only)) continue;
    for (const rows of [10, 100, 300]) await measure(`${name}, batch ${rows}`, nodes, rows);
  }
  await Promise.all(stores.map((store) => store.close()));
} finally {
  await server.stop();
  rmSync(folder, { recursive: true });
}
