// `node --conditions=@parley/source packages/rig/src/main.ts mysql|mariadb|redis [FOLDER [PORT]]`: one private server, until
// Ctrl-C. Prints its address. Without a folder it has one of its own, removed at the end.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startMysql } from './start-mysql.ts';
import { startRedis } from './start-redis.ts';

const [kind = '', folder, port] = process.argv.slice(2);
const own = mkdtempSync(path.join(tmpdir(), 'parley-rig-'));
const place = { folder: folder ?? own, ...(port === undefined ? {} : { port: Number(port) }) };
try {
  await using server = await start(kind);
  process.stdout.write(`${server.url}\n`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
} finally {
  rmSync(own, { recursive: true, force: true });
}

async function start(what: string): ReturnType<typeof startRedis> {
  if (what === 'redis') return startRedis(place);
  if (what === 'mysql' || what === 'mariadb') return startMysql({ ...place, flavour: what });
  throw new Error(`not one of mysql, mariadb, redis: '${what}'`);
}
