import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { World } from './world.ts';

const IS_UNIX = process.platform !== 'win32';

/** No file grows beyond so many blocks: a write takes a part, and the next one nothing, as on a disk that is full. */
function withRoom(blocks: number): readonly string[] {
  return ['sh', '-c', `trap '' XFSZ; ulimit -f ${blocks}; exec "$@"`, 'sh'];
}

test('[CLI-3] config set on a full disk says so, and leaves what was set', { skip: !IS_UNIX }, async (t) => {
  const world = await World.open(t);
  assert.equal((await world.run(['config', 'set', 'timeout', '5s'])).exit, 0);
  const home = path.join(world.folder, 'home');
  const ran = await world.run(['config', 'set', 'timeout', '7s'], { under: withRoom(0) });
  assert.equal(ran.exit, 78, ran.stderr);
  assert.match(ran.stderr, /Cannot write .*config\.toml: /);
  assert.equal(readFileSync(path.join(home, 'config.toml'), 'utf8'), 'timeout = "5s"\n');
  assert.deepEqual(readdirSync(home), ['config.toml'], 'no draft is left');
});

test('[CLI-2] an export for which there is no room ends with 1 and says what its file is', {
  skip: !IS_UNIX,
}, async (t) => {
  const world = await World.open(t);
  await world.register('alice', 'bob');
  await world.run(['-p', 'alice', 'send', '@bob', '--lines', '-q'], { stdin: `${'x'.repeat(600)}\n`.repeat(4) });
  const file = path.join(world.folder, 'chat.jsonl');
  const ran = await world.run(['-p', 'bob', 'export', '@alice', '-o', file], { under: withRoom(2) });
  assert.equal(ran.exit, 1, ran.stderr);
  assert.match(ran.stderr, /Cannot write .*chat\.jsonl: .* It holds a part of the chat\./);
  assert.ok(statSync(file).size > 0);
  const full = await world.run(['-p', 'bob', 'export', '@alice'], {
    under: ['sh', '-c', 'exec "$@" >/dev/full', 'sh'],
  });
  assert.equal(full.exit, 1);
  assert.match(full.stderr, /Cannot write to stdout: .*ENOSPC/);
});
