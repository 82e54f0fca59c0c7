import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { unavailable } from '@parley/testkit';
import { type ServerProcess, startRedis } from '../../../../rig/src/index.ts';
import { openRedis, type Redis } from '../../../src/bus/redis/open-redis.ts';
import { createConnection, type RedisConnection } from '../../../src/bus/redis/redis-connection.ts';
import { type LogFields, type Logger, SILENT_LOG } from '../../../src/observe/log.ts';
import { SYSTEM_CLOCK } from '../../../src/system/system-clock.ts';
import { createSystemRandom } from '../../../src/system/system-random.ts';

/** A Redis of the test's own, which ends with it. Undefined, and the test is skipped, where there is none. */
export async function realRedis(t: TestContext): Promise<ServerProcess | undefined> {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-redis-'));
  let server: ServerProcess | undefined;
  t.after(async () => {
    await server?.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  try {
    server = await startRedis({ folder });
  } catch (error) {
    unavailable(t, 'Redis', String(error));
  }
  return server;
}

let nodes = 0;

/** What a node has from Redis, until the test ends. */
export function join(t: TestContext, url: string, { log = SILENT_LOG }: { log?: Logger } = {}): Redis {
  nodes += 1;
  const random = createSystemRandom();
  const redis = openRedis({ url, deployment: 'test', bootId: `node-${nodes}`, clock: SYSTEM_CLOCK, random, log });
  t.after(() => redis.close());
  return redis;
}

/** A connection besides those of the nodes, to look and to disturb. */
export async function client(t: TestContext, url: string): Promise<RedisConnection> {
  const connection = createConnection(url);
  connection.on('error', () => undefined);
  await connection.connect();
  t.after(() => connection.destroy());
  return connection;
}

/** Waits for a condition, with a deadline that says what it is for. */
export async function until(isTrue: () => boolean, what: string, withinMs = 20_000): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!isTrue()) {
    assert.ok(performance.now() < endMs, `in vain: ${what}`);
    await sleep(5);
  }
}

/** A log that keeps what it was told. */
export class KeptLog implements Logger {
  readonly lines: string[] = [];
  debug(): void {}
  info(): void {}
  warn(fields: LogFields, text: string): void {
    this.lines.push(`${text}: ${fields.reason ?? ''}`);
  }
  error(fields: LogFields, text: string): void {
    this.warn(fields, text);
  }
  child(): Logger {
    return this;
  }
}
