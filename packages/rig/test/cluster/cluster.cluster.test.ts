import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster } from '../../src/cluster/cluster.ts';
import { firstBytes, freePort } from '../../src/probe.ts';
import { started, temporaryFolder } from '../temporary-folder.ts';

const FAKE = path.join(import.meta.dirname, '../fixtures/fake-node.ts');

test('a cluster comes up together, survives the death of a node, and leaves nothing behind', async (t) => {
  const folder = temporaryFolder(t);
  const cluster = await started(t, 'a cluster', () => startCluster({ folder, flavour: 'mariadb', program: FAKE }));
  if (cluster === undefined) return;
  const [one, two] = cluster.nodes;
  assert.ok(one && two);
  const greeting = new RegExp(
    `^(${one.port}|${two.port}) mysql://parley:\\w+@127.0.0.1:${cluster.database?.port}/parley PROXY TCP4 127.0.0.1 `,
  );
  for (let count = 0; count < 6; count += 1) assert.match(await greetingOf(cluster.port), greeting);

  await one.kill();
  for (let count = 0; count < 6; count += 1) assert.match(await greetingOf(cluster.port), new RegExp(`^${two.port} `));
  await one.restart();
  await until(async () => (await greetingOf(cluster.port)).startsWith(`${one.port} `));

  await cluster.nginx.kill();
  assert.equal(await greetingOf(cluster.port), '');
  await cluster.nginx.restart();
  assert.match(await greetingOf(cluster.port), greeting);

  const pids = cluster.servers.map(({ pid }) => pid);
  assert.equal(pids.length, 5);
  await cluster.stop();
  assert.deepEqual(pids.filter(isAlive), []);
});

test('a cluster of which one part does not start is taken down whole, and says why', async (t) => {
  const folder = temporaryFolder(t);
  const ports = [await freePort(), await freePort()];
  process.env['FAKE_NODE_FAILS'] = String(ports[1]);
  t.after(() => delete process.env['FAKE_NODE_FAILS']);
  const starting = startCluster({ folder, flavour: 'mariadb', program: FAKE, nodePorts: ports });
  await assert.rejects(
    starting,
    new RegExp(`^Error: node ${ports[1]} did not start on port ${ports[1]}: it will not$`),
  );
  assert.equal(existsSync(path.join(folder, 'mariadb/pid')), false, 'MariaDB removes it when it ends');
  assert.match(readFileSync(path.join(folder, 'redis/log'), 'utf8'), /bye bye/);
});

test('a port that is taken is named before anything is started', async (t) => {
  const folder = path.join(temporaryFolder(t), 'cluster');
  const taken = createServer().listen(0, '127.0.0.1');
  t.after(() => taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const starting = startCluster({ folder, flavour: 'mariadb', program: FAKE, port });
  await assert.rejects(starting, new RegExp(`^Error: 127.0.0.1:${port} is taken by another program \\(--port `));
  assert.equal(existsSync(folder), false);
});

async function greetingOf(port: number): Promise<string> {
  return (await firstBytes(port, 'hello'))?.toString() ?? '';
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await isTrue())) {
    assert.ok(Date.now() < deadline, 'waited in vain');
    await sleep(20);
  }
}
