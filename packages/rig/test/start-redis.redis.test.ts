import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstBytes } from '../src/probe.ts';
import { startRedis } from '../src/start-redis.ts';
import { started, temporaryFolder } from './temporary-folder.ts';

test('a private Redis wants its password, and is started again on the same port', async (t) => {
  const redis = await started(t, 'redis', () => startRedis({ folder: temporaryFolder(t) }));
  if (redis === undefined) return;
  const { port, url } = redis;
  const log = `AUTH ${new URL(url).password}\r\n`;
  assert.match((await firstBytes(port, 'INFO\r\n'))?.toString() ?? '', /^-NOAUTH/);
  assert.equal((await firstBytes(port, log))?.toString(), '+OK\r\n');
  redis.freeze();
  assert.equal(await firstBytes(port, log), undefined, 'it answers while it is frozen');
  await redis.kill();
  await redis.restart();
  assert.equal(redis.port, port);
  assert.equal((await firstBytes(port, log))?.toString(), '+OK\r\n');
});
