import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { NodeProcess } from '../src/node-process.ts';

const SERVER = path.join(import.meta.dirname, '../../server/src/main.ts');

function temporary(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-rig-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
  const answer = await promise;
  socket.destroy();
  return answer;
}

test('[OPS-1] a node is started, stopped, and started again on the same port and data', async (t) => {
  const first = await NodeProcess.start({ program: SERVER, folder: path.join(temporary(t), 'data') });
  t.after(() => first.end('SIGKILL'));
  assert.ok(await isListening(first.port));
  assert.equal(await first.end('SIGTERM'), 0);
  assert.equal(await isListening(first.port), false);
  const second = await first.restart();
  t.after(() => second.end('SIGKILL'));
  assert.equal(second.port, first.port);
  assert.ok(await isListening(second.port));
  assert.equal(await second.end('SIGKILL'), null);
  assert.equal(await second.end('SIGKILL'), null, 'a second end is harmless');
});

test('what ends instead of starting is told with what it said', async (t) => {
  const folder = temporary(t);
  const program = path.join(folder, 'ends.mjs');
  writeFileSync(program, 'console.error("no, thank you"); process.exit(3);');
  await assert.rejects(NodeProcess.start({ program, folder }), /did not start: no, thank you/);
});

test('a program that cannot be run is an error', async (t) => {
  const folder = temporary(t);
  await assert.rejects(
    NodeProcess.start({ program: SERVER, folder, under: [path.join(folder, 'nothing')] }),
    /ENOENT|No such file/,
  );
});

test('a node does not outlive who started it, however that ends', { skip: process.platform !== 'linux' }, async (t) => {
  const folder = temporary(t);
  const starter = path.join(folder, 'starter.ts');
  const door = path.join(import.meta.dirname, '../src/index.ts');
  const options = JSON.stringify({ program: SERVER, folder });
  writeFileSync(
    starter,
    `import { NodeProcess } from ${JSON.stringify(door)};
     const node = await NodeProcess.start(${options});
     console.log(node.port);
     setInterval(() => {}, 1_000);`,
  );
  const parent = spawn(process.execPath, ['--conditions=@parley/source', starter], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => parent.kill('SIGKILL'));
  const [said] = (await once(parent.stdout, 'data')) as [Buffer];
  const port = Number(said.toString());
  assert.ok(await isListening(port));
  parent.kill('SIGKILL');
  while (await isListening(port)) await setImmediate();
});
