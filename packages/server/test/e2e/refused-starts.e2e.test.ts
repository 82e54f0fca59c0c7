import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { Daemon, inFolder, refusal, temporary } from './daemon.ts';

/** Leaves the data of a server that has ended in order. */
async function serveOnce(t: TestContext, env: Record<string, string>): Promise<void> {
  const daemon = new Daemon(t, { env });
  await daemon.ready();
  daemon.child.kill('SIGTERM');
  await daemon.exit();
}

test('[OPS-2] C68: a port that is taken is named with a free one, exit 69', async (t) => {
  const taken = net.createServer().listen(0, '127.0.0.1');
  t.after(() => taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as net.AddressInfo;
  const env = { ...inFolder(temporary(t)), PARLEY_HTTP: 'off' };
  const chat = await refusal(t, { argv: ['127.0.0.1', `${port}`], env });
  assert.equal(chat.code, 69);
  assert.match(chat.sentence, new RegExp(`^parleyd: 127\\.0\\.0\\.1:${port} is taken .* 127\\.0\\.0\\.1:\\d+ is free`));
  const health = await refusal(t, { argv: ['--http', `127.0.0.1:${port}`], env });
  assert.equal(health.code, 69);
  assert.match(health.sentence, new RegExp(`health .*127\\.0\\.0\\.1:${port} is taken.*--http`));
});

test('[OPS-2] a start that finds its port taken has not touched the data, and names the port of the chat first', async (t) => {
  const taken = new Daemon(t, { env: inFolder(temporary(t)) });
  await taken.ready();
  const folder = temporary(t);
  const { port } = taken;
  const { code, sentence } = await refusal(t, { argv: ['127.0.0.1', `${port}`], env: inFolder(folder) });
  assert.equal(code, 69);
  assert.match(sentence, new RegExp(`^parleyd: 127\\.0\\.0\\.1:${port} is taken`));
  assert.deepEqual(readdirSync(folder), []);
});

test('[OPS-2] a damaged database and a folder in its place are named in one sentence', async (t) => {
  const folder = temporary(t);
  const env = inFolder(folder);
  await serveOnce(t, env);
  const file = path.join(folder, 'parley.db');
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.fill(0xab, 4_096));
  const damaged = await refusal(t, { env });
  assert.equal(damaged.code, 74);
  assert.match(damaged.sentence, /^parleyd: .*parley\.db cannot be used: .*damaged/);
  rmSync(file);
  mkdirSync(file);
  const replaced = await refusal(t, { env });
  assert.equal(replaced.code, 78);
  assert.match(replaced.sentence, /^parleyd: .*parley\.db cannot be used: .*EISDIR/);
});

test('[OPS-2] an address that is not this machine’s is named, exit 69', async (t) => {
  const argv = ['192.0.2.1', '0', '--allow-plaintext', '--http', 'off'];
  const { code, sentence } = await refusal(t, { argv, env: inFolder(temporary(t)) });
  assert.equal(code, 69);
  assert.match(sentence, /192\.0\.2\.1 is not an address of this machine/);
});

test('[OPS-2] C68: a data folder in use is refused with the pid, exit 78; after kill -9 it can be used again', async (t) => {
  const env = inFolder(temporary(t));
  const first = new Daemon(t, { env });
  await first.ready();
  const { code, sentence } = await refusal(t, { env });
  assert.equal(code, 78);
  assert.match(sentence, new RegExp(`process id ${first.child.pid}\\b.*npm run cluster`));
  first.child.kill('SIGKILL');
  assert.equal(await first.exit(), 'SIGKILL');
  const second = new Daemon(t, { env });
  await second.ready();
});

test('[OPS-2] data of a newer version is refused with both numbers, exit 78', async (t) => {
  const folder = temporary(t);
  const env = inFolder(folder);
  await serveOnce(t, env);
  makeNewer(path.join(folder, 'parley.db'));
  const { code, sentence } = await refusal(t, { env });
  assert.equal(code, 78);
  assert.match(sentence, /version 99, .* knows only \d+/);
});

test('[OPS-2] C68: a read-only folder and a file in its place are named, exit 78', async (t) => {
  const folder = temporary(t);
  const file = path.join(folder, 'file');
  writeFileSync(file, '');
  const inPlace = await refusal(t, { env: inFolder(file) });
  assert.equal(inPlace.code, 78);
  assert.match(inPlace.sentence, /a file where a folder should be/);

  const readOnly = path.join(folder, 'read-only');
  mkdirSync(readOnly, { mode: 0o555 });
  const { code, sentence } = await refusal(t, { env: inFolder(readOnly), under: withoutPrivilege() });
  assert.equal(code, 78);
  assert.match(sentence, /must be readable and writable/);
});

test('[OPS-2] a database that cannot be reached is refused with where it was looked for and what was found there, exit 69', async (t) => {
  const silent = net.createServer().listen(0, '127.0.0.1');
  t.after(() => silent.close());
  await once(silent, 'listening');
  const { port } = silent.address() as net.AddressInfo;
  const found = {
    '127.0.0.1:1': /^parleyd: the database cannot be used: .*ECONNREFUSED 127\.0\.0\.1:1$/,
    'no-such.invalid:3306': /^parleyd: the database cannot be used: .*(ENOTFOUND|EAI_AGAIN) no-such\.invalid$/,
    [`127.0.0.1:${port}`]: /^parleyd: the database cannot be used: .*does not answer$/,
  };
  for (const [address, expected] of Object.entries(found)) {
    const env = { PARLEY_STORE: `mysql://parley:hush@${address}/parley`, PARLEY_HTTP: 'off' };
    const { code, sentence } = await refusal(t, { env });
    assert.equal(code, 69);
    assert.match(sentence, expected);
  }
});

test('[OPS-3] plain text on an address that others can reach needs --allow-plaintext, exit 78', async (t) => {
  const env = { ...inFolder(temporary(t)), PARLEY_LISTEN: '' };
  const { code, sentence } = await refusal(t, { argv: ['0.0.0.0', '0'], env });
  assert.equal(code, 78);
  assert.match(sentence, /--allow-plaintext/);
  const daemon = new Daemon(t, { argv: ['0.0.0.0', '0', '--allow-plaintext'], env });
  await daemon.ready();
  assert.match(daemon.stdout, /npm run -s chat -- 127\.0\.0\.1 \d+/);
});

test('[CONF-1] wrong settings end with 78, a wrong command line with 2, help and version with 0', async (t) => {
  assert.equal((await refusal(t, { argv: ['--queue-bytes', '1'] })).code, 78);
  assert.equal((await refusal(t, { argv: ['--no-such'] })).code, 2);
  for (const argv of [['--help'], ['--version'], ['config']]) {
    const daemon = new Daemon(t, { argv });
    assert.equal(await daemon.exit(), 0);
    assert.notEqual(daemon.stdout, '');
  }
});

/** As a later release would leave it. */
function makeNewer(file: string): void {
  const db = new DatabaseSync(file);
  db.exec('UPDATE schema SET version = 99, min_reader = 99, min_writer = 99');
  db.close();
}

/**
 * The system lets root write everywhere; so it runs without that privilege. (As another user it could not read a clone
 * in a private folder.)
 */
function withoutPrivilege(): readonly string[] {
  return process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override'] : [];
}
