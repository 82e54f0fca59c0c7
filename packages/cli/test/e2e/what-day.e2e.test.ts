import assert from 'node:assert/strict';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'node:test';
import { objects, World } from './world.ts';

const TIMES = ['2025-11-02T03:59:00.000Z', '2025-11-02T04:00:00.000Z', '2025-11-02T06:30:00.000Z'];
const IN_NEW_YORK = ['23:59 bob: 0', 'Sunday, 2025-11-02:', '00:00 bob: 1', '01:30 bob: 2'];

/** Messages of bob to alice that were said at these times, as far as the server knows. */
async function sayAt(world: World): Promise<void> {
  await world.run(['-p', 'bob', 'send', '@alice', '--lines'], { stdin: Object.keys(TIMES).join('\n') });
  await world.killServer();
  const database = new DatabaseSync(path.join(world.folder, 'data/parley.db'));
  const update = database.prepare("UPDATE entry SET time = ? WHERE kind = 'message' AND text = ?");
  for (const [index, time] of TIMES.entries()) assert.equal(update.run(Date.parse(time), `${index}`).changes, 1);
  database.close();
  await world.startServer();
}

test('C63: history, tail, line mode and export tell local days, also with summer time; JSON is in UTC', async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  await sayAt(world);
  const env = { TZ: 'America/New_York' };
  const text = async (...args: string[]): Promise<string> =>
    (await world.run(['-p', 'alice', ...args], { env, stdin: '/goto @bob\n' })).stdout;
  const lines = ['Saturday, 2025-11-01:', ...IN_NEW_YORK].join('\n');
  assert.equal(await text('history', '@bob'), `${lines}\n`);
  assert.equal(await text('tail', '@bob'), `${lines}\n`);
  assert.ok((await text()).includes(`@bob, 3 new:\n${lines}\n`));
  assert.equal(await text('history', '@bob', '--offline'), `${lines}\n`);
  assert.match(await text('export', '@bob', '--format', 'text'), /^2025-11-01 23:59 bob: 0\n2025-11-02 00:00 bob: 1\n/);
  const ts = objects(await text('history', '@bob', '--json')).map((object) => object['ts']);
  assert.deepEqual(ts, TIMES);
});
