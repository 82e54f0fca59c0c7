import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { freePort, NodeProcess } from '@parley/rig';
import type { DatabasePlace } from '../../src/run/options.ts';
import type { Verdict } from '../../src/run/verdict.ts';
import { joinRunning } from '../../src/systems/join-running.ts';
import { SERVER, SERVER_ENV } from '../../src/systems/server.ts';
import { type Tamper, TcpProxy } from '../../src/systems/tcp-proxy.ts';
import { accidents } from './accidents.ts';
import { complaints, runBriefly, temporaryFolder } from './run-briefly.ts';

/** A node that somebody else has started. */
async function startNode(t: TestContext): Promise<{ port: number; file: string }> {
  const folder = temporaryFolder(t);
  const node = await NodeProcess.start({ program: SERVER, folder, env: SERVER_ENV });
  t.after(() => node.end('SIGTERM'));
  return { port: node.port, file: path.join(folder, 'parley.db') };
}

interface Visit {
  readonly port: number;
  readonly database?: DatabasePlace;
  readonly faults?: readonly ['slow-reader'] | readonly ['kill-node'];
}

async function visit(t: TestContext, { port, database, faults }: Visit): Promise<Verdict | undefined> {
  const at = [{ name: `127.0.0.1:${port}`, port }];
  return await runBriefly(t, {
    changes: { on: { kind: 'running', at, database }, ...(faults ? { faults } : {}) },
    startSystem: () => joinRunning({ kind: 'running', at, database }),
  });
}

async function proxied(t: TestContext, port: number, tamper: Tamper): Promise<number> {
  const proxy = await TcpProxy.open(port, tamper);
  t.after(() => proxy[Symbol.asyncDispose]());
  return proxy.port;
}

test('a running Parley is visited twice, judges only what its crowd did, and a third visit finds tampering', async (t) => {
  const { port, file } = await startNode(t);
  const database = { kind: 'sqlite', file } as const;

  const first = await visit(t, { port, database, faults: ['slow-reader'] });
  assert.ok(first);
  assert.deepEqual(complaints(first), []);
  assert.equal(first.truth, 'database');
  const second = await visit(t, { port, database });
  assert.ok(second);
  assert.deepEqual(complaints(second), []);
  assert.ok(second.counts.entries > 100 && second.counts.entries < first.counts.entries + second.counts.acknowledged);

  const third = await visit(t, { port: await proxied(t, port, accidents()), database });
  assert.ok(third);
  assert.deepEqual(complaints(third), ['delivered', 'once', 'same']);
});

test('without a database the nodes stand for it, tampering is found, and what was not judged is said', async (t) => {
  const { port } = await startNode(t);
  const honest = await visit(t, { port });
  assert.ok(honest);
  assert.deepEqual(complaints(honest), []);
  assert.equal(honest.truth, 'nodes');
  const limited = honest.rules.filter(({ limit }) => limit !== undefined).map(({ rule }) => rule);
  assert.deepEqual(limited, ['acknowledged', 'nodes', 'cursors', 'dense']);
  assert.ok(honest.counts.entries >= honest.counts.acknowledged, `${honest.counts.entries} entries`);

  const tampered = await visit(t, { port: await proxied(t, port, accidents()) });
  assert.ok(tampered);
  assert.deepEqual(complaints(tampered), ['delivered', 'once', 'same']);
});

test('what the database lost behind the node’s back is found', async (t) => {
  const { port, file } = await startNode(t);
  const at = [{ name: 'node', port }];
  const database = { kind: 'sqlite', file } as const;
  const verdict = await runBriefly(t, {
    startSystem: async () => {
      const system = await joinRunning({ kind: 'running', at, database });
      const heal = async (): Promise<void> => changeLastText(file);
      return { ...system, heal };
    },
  });
  assert.ok(verdict);
  assert.ok(complaints(verdict).includes('phantom'), complaints(verdict).join());
});

function changeLastText(file: string): void {
  const db = new DatabaseSync(file, { timeout: 5_000 });
  db.exec("UPDATE entry SET text = text || '!' WHERE rowid = (SELECT max(rowid) FROM entry WHERE kind = 'message')");
  db.close();
}

test('what cannot be joined is said in one sentence, and nothing is touched', async (t) => {
  const silent = createServer((socket) => socket.on('error', () => {}));
  const chatty = createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  for (const server of [silent, chatty]) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
  }
  const portOf = (server: typeof silent): number => (server.address() as { port: number }).port;
  await assert.rejects(visit(t, { port: await freePort() }), /Impossible: nobody answers on 127\.0\.0\.1:\d+/);
  await assert.rejects(visit(t, { port: portOf(silent) }), /is no Parley/);
  await assert.rejects(visit(t, { port: portOf(chatty) }), /is no Parley/);

  const { port, file } = await startNode(t);
  await assert.rejects(visit(t, { port, faults: ['kill-node'] }), /kill-node cannot be tried: it was started/);
  const missing = { kind: 'sqlite', file: `${file}.other` } as const;
  await assert.rejects(visit(t, { port, database: missing }), /there is no database/);
  assert.equal(count(file, 'user'), 0);

  const other = await startNode(t);
  const wrong = { kind: 'sqlite', file: other.file } as const;
  await assert.rejects(visit(t, { port, database: wrong }), /is not the one of this Parley/);
});

function count(file: string, table: string): number {
  const db = new DatabaseSync(file, { readOnly: true });
  const row = db.prepare(`SELECT count(*) AS count FROM ${table}`).get() as { count: number };
  db.close();
  return row.count;
}
