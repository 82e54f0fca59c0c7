// The first minute: what a stranger does after `git clone`, with the real npm. Installs for real, so there is one test only.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from '../repository.ts';

/** Long enough for a slow line. */
const INSTALL_MS = 140_000;

test('npm start in a fresh clone: comes up, mends what is damaged, stops on SIGTERM', {
  timeout: 2 * INSTALL_MS,
}, async (t) => {
  const clone = copyTree(t);
  const first = await startServer(t, clone);
  assert.match(await first.stop(), /nothing is installed yet; installing/);

  rmSync(path.join(clone, 'node_modules/typescript'), { recursive: true });
  const second = await startServer(t, clone);
  assert.match(await second.stop(), /node_modules\/typescript has lost its files; installing/);

  const third = await startServer(t, clone);
  assert.doesNotMatch(await third.stop(), /install/);
});

/** The tree as git would give it to a stranger, had all of it been committed. */
function copyTree(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-first-minute-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const list = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: ROOT, encoding: 'utf8' });
  for (const name of list.split('\0')) {
    if (name !== '' && existsSync(path.join(ROOT, name))) cpSync(path.join(ROOT, name), path.join(folder, name));
  }
  mkdirSync(path.join(folder, 'data/home'), { recursive: true });
  return folder;
}

/** Runs `npm start` until the port answers. */
async function startServer(t: TestContext, clone: string) {
  const port = await freePort();
  const npm = spawn('npm', ['start', '--', '127.0.0.1', String(port)], {
    cwd: clone,
    env: strangersEnv(clone),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => npm.kill('SIGKILL'));
  const ended = once(npm, 'exit');
  const [stdout, stderr] = [text(npm.stdout), text(npm.stderr)];
  await Promise.race([answers(port), ended]);
  assert.equal(npm.exitCode, null, `npm start ended: ${npm.exitCode === null ? '' : await stderr}`);
  return {
    /** @returns all that was printed */
    async stop() {
      npm.kill('SIGTERM');
      const [code, signal] = await ended;
      const output = (await stdout) + (await stderr); // both close when the server, which holds them too, is gone
      assert.ok(code === 0 || code === 143 || signal === 'SIGTERM', `${code} ${signal} ${output}`);
      assert.equal(await isOpen(port), false);
      return output;
    },
  };
}

/** No Node.js of ours on the PATH, nothing at home; only npm's cache and registry are this machine's, for speed. */
function strangersEnv(clone: string): NodeJS.ProcessEnv {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((name) => !name.includes('node_modules'));
  return {
    PATH: folders.join(path.delimiter),
    HOME: path.join(clone, 'data/home'),
    NODE_ENV: 'production',
    npm_config_cache: npmSetting('cache'),
    npm_config_registry: npmSetting('registry'),
    npm_config_prefer_offline: 'true',
  };
}

function npmSetting(name: string): string {
  return execFileSync('npm', ['config', 'get', name], { cwd: tmpdir(), encoding: 'utf8' }).trim();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  assert.ok(address && typeof address === 'object');
  return address.port;
}

async function answers(port: number): Promise<void> {
  const deadline = Date.now() + INSTALL_MS;
  while (!(await isOpen(port))) {
    if (Date.now() > deadline) throw new Error(`nothing listens on ${port} after ${INSTALL_MS} ms`);
    await sleep(50);
  }
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
