import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { connect } from '@parley/client';
import { World } from '../../../cli/test/e2e/world.ts';

const PACKAGE = path.join(import.meta.dirname, '../..');

test('the bot of the README answers', async (t) => {
  const world = await World.open(t);
  const [alice, owner] = await Promise.all([connect({ server: world.server }), connect({ server: world.server })]);
  t.after(async () => await Promise.all([alice.close(), owner.close()]));
  await alice.register({ name: 'alice', password: 'secret-of-alice' });
  const { token } = await owner.register({ name: 'bot', password: 'secret-of-bot' });
  const code = /```js\n([^]*?)```/.exec(readFileSync(path.join(PACKAGE, 'README.md'), 'utf8'))?.[1];
  assert.ok(code !== undefined);
  assert.ok(code.split('\n').filter(Boolean).length <= 10, 'ten lines');
  const file = path.join(PACKAGE, `test/e2e/readme-bot.${process.pid}.mjs`);
  writeFileSync(file, code);
  const bot = spawn(process.execPath, ['--conditions=@parley/source', file], {
    env: { ...process.env, PARLEY_SERVER: world.server, PARLEY_TOKEN: token },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => {
    bot.kill('SIGKILL');
    rmSync(file);
  });
  for await (const line of bot.stdout) {
    if (String(line).includes('bot listens')) break;
  }
  const heard = alice.waitFor('entry', ({ text }) => text === 'hello there', 10_000);
  await alice.sync();
  await alice.send('@bot', '!echo hello there');
  await heard;
});
