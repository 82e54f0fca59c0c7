/**
 * How many rows a second the log's transaction takes, on a store that already holds a million messages in 20,000
 * conversations. Not a test: `node --conditions=@parley/source packages/server/test/store/sqlite/log-bench.ts`.
 * Options: `--messages`, `--conversations`, `--seconds`.
 */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import { createClientId, type UserId } from '@parley/protocol';
import type { AppendRequest, ConversationId } from '../../../src/chat/ports/records.ts';
import { openWriter, type Writer } from '../../../src/store/sqlite/writer.ts';

interface Pair {
  readonly conversation: ConversationId;
  readonly people: readonly [UserId, UserId];
  /** Each one's last client id. */
  readonly last: [string | null, string | null];
}

const TEXT = 'x'.repeat(100);
const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '1000000' },
    conversations: { type: 'string', default: '20000' },
    seconds: { type: 'string', default: '4' },
  },
});
const SECONDS = Number(values.seconds);
const folder = mkdtempSync(path.join(tmpdir(), 'parley-bench-'));
/** Something to measure: `prepare` makes a batch for so many active conversations; only what it returns is timed. */
interface Candidate {
  readonly name: string;
  readonly prepare: (active: number) => () => void;
}

function bench(): void {
  const prefilled = path.join(folder, 'prefilled.db');
  const pairs = prefill(prefilled);
  const candidates = [
    logCandidate('index in slices, later', { prefilled, tailEntries: 32_768, pairs }),
    logCandidate('index at once', { prefilled, tailEntries: 0, pairs }),
    ...Object.entries(BARE).map(([name, schema]) => bareCandidate(`bare: ${name}`, schema)),
  ];
  for (const active of [100, 2_000]) {
    process.stdout.write(`\n${active} active conversations, batches of 100 rows\n`);
    compare(candidates, active);
  }
}

function prefill(file: string): Pair[] {
  const writer = openWriter({ file });
  const pairs = Array.from({ length: Number(values.conversations) }, (): Pair => openPair(writer));
  const batches = Number(values.messages) / 500;
  for (let batch = 0; batch < batches; batch += 1) commit(writer, pairs, 500);
  writer.close();
  return pairs;
}

let users = 0;
let before: UserId | undefined;

/** A chain of people, each of whom talks to the one before and the one after. */
function openPair(writer: Writer): Pair {
  before ??= createUser(writer);
  const person = createUser(writer);
  const opened = writer.openDirect(before, person);
  if (typeof opened === 'string') throw new Error(opened);
  const people = [before, person] as const;
  before = person;
  return { conversation: opened.id, people, last: [null, null] };
}

function createUser(writer: Writer): UserId {
  users += 1;
  const id = writer.createUser({ name: `user ${users}`, key: `user ${users}`, passwordHash: '' });
  if (id === undefined) throw new Error('name taken');
  return id;
}

function commit(writer: Writer, pairs: readonly Pair[], rows: number): void {
  const outcome = writer.commit(makeBatch(pairs, rows));
  const bad = outcome.results.find((result) => result?.state !== 'committed');
  if (bad !== undefined) throw new Error(JSON.stringify(bad));
}

function makeBatch(pairs: readonly Pair[], rows: number): AppendRequest[] {
  return Array.from({ length: rows }, () => {
    const { conversation, people, last } = pairs[Math.floor(Math.random() * pairs.length)] as Pair;
    const side = Math.random() < 0.5 ? 0 : 1;
    const clientId = createClientId();
    const after = last[side];
    last[side] = clientId;
    const rest = { kind: 'message', text: TEXT, target: null, role: null } as const;
    return { conversation, author: people[side], authorName: '', clientId, hash: 5, after, ...rest };
  });
}

function pick(pairs: readonly Pair[], count: number): Pair[] {
  const step = Math.floor(pairs.length / count);
  return Array.from({ length: count }, (_, index) => {
    const { last, ...pair } = pairs[index * step] as Pair;
    return { ...pair, last: [...last] };
  });
}

interface LogOptions {
  readonly prefilled: string;
  readonly tailEntries: number;
  readonly pairs: readonly Pair[];
}

function logCandidate(name: string, { prefilled, tailEntries, pairs }: LogOptions): Candidate {
  const file = path.join(folder, `log-${tailEntries}.db`);
  copyFileSync(prefilled, file);
  const writer = openWriter({ file, tailEntries });
  const picked = new Map<number, Pair[]>();
  function pairsOf(active: number): Pair[] {
    let some = picked.get(active);
    if (some === undefined) {
      some = pick(pairs, active);
      picked.set(active, some);
      // Until the tail is full of them.
      for (let warm = 0; warm < 600; warm += 1) commit(writer, some, 100);
    }
    return some;
  }
  return {
    name,
    prepare(active) {
      const batch = makeBatch(pairsOf(active), 100);
      return () => void writer.commit(batch);
    },
  };
}

/** The candidates take turns, because the machine is shared: what disturbs one round disturbs all. */
function compare(candidates: readonly Candidate[], active: number): void {
  for (const { prepare } of candidates) prepare(active)();
  const runs = candidates.map((candidate) => ({ ...candidate, times: [] as number[], cpuMs: 0 }));
  for (let round = 0; round < 10; round += 1) {
    for (const run of runs) {
      const end = performance.now() + SECONDS * 100;
      while (performance.now() < end) runOnce(run, active);
    }
  }
  for (const { name, times, cpuMs } of runs) report(name, times, cpuMs);
}

function runOnce(run: Candidate & { times: number[]; cpuMs: number }, active: number): void {
  const action = run.prepare(active);
  const cpu = process.cpuUsage();
  const start = performance.now();
  action();
  run.times.push(performance.now() - start);
  const { user, system } = process.cpuUsage(cpu);
  run.cpuMs += (user + system) / 1_000;
}

function report(name: string, times: number[], cpuMs: number): void {
  const batches = times.length;
  const rate = (100 * batches) / times.reduce((sum, time) => sum + time, 0);
  times.sort((one, other) => one - other);
  const at = (part: number): number => times[Math.floor(batches * part)] ?? 0;
  const cpu = ((cpuMs * 10) / batches).toFixed(1);
  const columns = [
    `${rate.toFixed(0)} k rows/s`,
    `${(100 / at(0.5)).toFixed(0)} k at the median`,
    `${cpu} µs CPU a row`,
    `p50 ${at(0.5).toFixed(2)} ms`,
    `p99 ${at(0.99).toFixed(1)} ms`,
  ];
  process.stdout.write(`${columns.map((column) => column.padStart(20)).join('')}  ${name}\n`);
}

/** Inserts alone, without asking anything: what other schemas would cost at best. */
const COLUMNS = `conversation INTEGER NOT NULL, seq INTEGER NOT NULL, ord INTEGER NOT NULL, tag INTEGER NOT NULL,
  kind TEXT NOT NULL, author INTEGER NOT NULL, client_id TEXT NOT NULL, hash INTEGER NOT NULL, time INTEGER NOT NULL,
  text TEXT`;
const BARE: Readonly<Record<string, string>> = {
  'append-only, unique (client id, …)': `CREATE TABLE t (${COLUMNS}, UNIQUE (client_id, conversation, author)) STRICT`,
  'unique (conversation, seq) and (client id, …)': `CREATE TABLE t (${COLUMNS}, UNIQUE (client_id, conversation, author),
    UNIQUE (conversation, seq)) STRICT`,
  'unique (conversation, seq) and (author, client id)': `CREATE TABLE t (${COLUMNS}, UNIQUE (author, client_id),
    UNIQUE (conversation, seq)) STRICT`,
  'without rowid (conversation, seq), unique (client id, …)': `CREATE TABLE t (${COLUMNS},
    UNIQUE (client_id, conversation, author), PRIMARY KEY (conversation, seq)) STRICT, WITHOUT ROWID`,
};

let bareFiles = 0;

function bareCandidate(name: string, schema: string): Candidate {
  bareFiles += 1;
  const db = new DatabaseSync(path.join(folder, `bare-${bareFiles}.db`));
  db.exec('PRAGMA journal_mode = WAL; PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 2000');
  db.exec(schema);
  const insert = db.prepare('INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const total = Number(values.conversations);
  const seqs = new Map<number, number>();
  function insertRows(ids: readonly string[], active: number): void {
    db.exec('BEGIN IMMEDIATE');
    for (const id of ids) {
      const conversation = Math.floor(Math.random() * active) * Math.floor(total / active);
      const seq = (seqs.get(conversation) ?? 0) + 1;
      seqs.set(conversation, seq);
      insert.run(conversation, seq, seq, 4_000_000_000, 'message', conversation * 2, id, 5, 1_795_000_000_000, TEXT);
    }
    db.exec('COMMIT');
  }
  const makeIds = (rows: number): string[] => Array.from({ length: rows }, () => createClientId());
  db.exec('PRAGMA synchronous = OFF');
  for (let rows = 0; rows < Number(values.messages); rows += 5_000) insertRows(makeIds(5_000), total);
  db.exec('PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(TRUNCATE)');
  return {
    name,
    prepare(active) {
      const ids = makeIds(100);
      return () => insertRows(ids, active);
    },
  };
}

try {
  bench();
} finally {
  rmSync(folder, { recursive: true });
}
