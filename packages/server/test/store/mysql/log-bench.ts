/**
 * How many rows a second the log's transaction takes on a real server, from one node and from two. Not a test:
 * `node --conditions=@parley/source packages/server/test/store/mysql/log-bench.ts [--flavour mysql] [--seconds 4]`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createClientId, type Ord, type Seq, type Tag, type UserId } from '@parley/protocol';
import { type Flavour, startMysql } from '../../../../rig/src/index.ts';
import type { PlannedRow } from '../../../src/chat/append-plan.ts';
import type { AppendRequest, ConversationId } from '../../../src/chat/ports/records.ts';
import { insertEntries } from '../../../src/store/mysql/entry-rows.ts';
import { LINK_TIMES, Links } from '../../../src/store/mysql/links.ts';
import { type LockedHead, lockHeads, moveHead, writeHeads } from '../../../src/store/mysql/locked-heads.ts';
import { type MysqlStore, openMysqlStore } from '../../../src/store/mysql/mysql-store.ts';
import { Transaction } from '../../../src/store/mysql/transaction.ts';

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

function makeBatch({ pairs, last }: Pick<Node, 'pairs' | 'last'>, rows: number): AppendRequest[] {
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

/** The same statements without rules, repeats and journal: what a node could reach at best. */
async function runBare(
  url: string,
  pairs: readonly Pair[],
  { rows, endMs }: { rows: number; endMs: number },
): Promise<number[]> {
  const links = new Links(url, LINK_TIMES);
  const link = await links.open('write');
  const times: number[] = [];
  while (performance.now() < endMs) {
    const batch = makeBatch({ pairs, last: new Map() }, rows);
    const startMs = performance.now();
    const transaction = new Transaction(link, 1);
    const { heads, nowMs } = await lockHeads(
      transaction,
      batch.map(({ conversation }) => conversation),
    );
    const planned = batch.map((request) => bareRow(request, heads.get(request.conversation) as LockedHead, nowMs));
    await insertEntries(transaction, planned);
    writeHeads(transaction, [...heads.values()]);
    await transaction.commit({ writer: 0, n: 0 });
    times.push(performance.now() - startMs);
  }
  await links.close();
  return times;
}

function bareRow(request: AppendRequest, head: LockedHead, time: number): PlannedRow {
  const row = { ...request, seq: (head.seq + 1) as Seq, ord: (head.ord + 1) as Ord, tag: 7 as Tag, time };
  moveHead(head, row);
  return row;
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

type Run = (rows: number, endMs: number) => Promise<number[]>;

async function measure(name: string, runs: readonly Run[], rows: number): Promise<void> {
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const endMs = startMs + Number(values.seconds) * 1_000;
  const times = (await Promise.all(runs.map((each) => each(rows, endMs)))).flat();
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
  process.stdout.write(`${name.padEnd(46)} ${columns.map((column) => column.padStart(22)).join('')}\n`);
}

const folder = mkdtempSync(path.join(tmpdir(), 'parley-bench-'));
const server = await startMysql({ flavour: values.flavour as Flavour, folder });
try {
  const stores = [await openMysqlStore({ url: server.url }), await openMysqlStore({ url: server.url })];
  const [one, other] = stores as [MysqlStore, MysqlStore];
  const [first, second] = [await openPairs(one, 'one'), await openPairs(other, 'other')];
  const hot = first.slice(0, 1);
  const node = (store: MysqlStore, pairs: readonly Pair[]): Run => {
    const made: Node = { store, pairs, last: new Map() };
    return (rows, endMs) => run(made, rows, endMs);
  };
  const bare =
    (pairs: readonly Pair[]): Run =>
    (rows, endMs) =>
      runBare(server.url, pairs, { rows, endMs });
  const setups: Readonly<Record<string, readonly Run[]>> = {
    'bare statements, one': [bare(first)],
    'one node': [node(one, first)],
    'bare statements, two': [bare(first), bare(second)],
    'two nodes, different conversations': [node(one, first), node(other, second)],
    'two nodes, one hot conversation': [node(one, hot), node(other, hot)],
  };
  // The machine is shared: what is compared runs one after the other, and all of it twice.
  for (const rows of [10, 100, 300, 10, 100, 300]) {
    for (const [name, runs] of Object.entries(setups)) {
      if (values.only === undefined || name.includes(values.only)) await measure(`${name}, batch ${rows}`, runs, rows);
    }
  }
  await Promise.all(stores.map((store) => store.close()));
} finally {
  await server.stop();
  rmSync(folder, { recursive: true });
}
