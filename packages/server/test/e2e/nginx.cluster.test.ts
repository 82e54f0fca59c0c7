import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net, { type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { unavailable } from '@parley/testkit';
import { type ServerProcess, startNginx } from '../../../rig/src/index.ts';
import { withinRanges } from '../../src/net/address-ranges.ts';
import { startHarness, until } from '../net/net-harness.ts';

async function nginxBefore(t: TestContext, ports: readonly (number | undefined)[]): Promise<ServerProcess | undefined> {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-nginx-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  try {
    const nginx = await startNginx({ folder, nodes: ports.map((port) => port ?? 0) });
    t.after(() => nginx.stop());
    return nginx;
  } catch (error) {
    unavailable(t, 'nginx', (error as Error).message);
    return undefined;
  }
}

/** A client with an address of its own: all of 127.0.0.0/8 is this machine. */
async function clientAt(t: TestContext, localAddress: string, port: number): Promise<Socket> {
  const client = net.connect({ host: '127.0.0.1', port, localAddress, allowHalfOpen: true });
  t.after(() => client.destroy());
  client.on('error', () => {});
  await once(client, 'connect');
  return client;
}

test('[WIRE-6] behind nginx a connection has its client’s own address, and a client may end its half first', async (t) => {
  const { listener, recorders } = await startHarness(t, {
    isTrusted: withinRanges(['127.0.0.1']),
    onOpen: (recorder) => {
      recorder.react = (text) => recorder.connection.write(Buffer.from(`you said ${text}\n`));
    },
  });
  const nginx = await nginxBefore(t, [listener.proxyPort]);
  if (nginx === undefined) return;
  const client = await clientAt(t, '127.0.0.5', nginx.port);
  client.end('one\n');
  const [answer] = (await once(client, 'data')) as [Buffer];
  assert.equal(answer.toString(), 'you said one\n');
  assert.equal(recorders[0]?.connection.remoteAddress, '127.0.0.5');
  await once(client, 'end');
});

test('nginx sends clients to the node that is left when another one is gone', async (t) => {
  const one = await startHarness(t, { isTrusted: withinRanges(['127.0.0.1']) });
  const two = await startHarness(t, { isTrusted: withinRanges(['127.0.0.1']) });
  const nginx = await nginxBefore(t, [one.listener.proxyPort, two.listener.proxyPort]);
  if (nginx === undefined) return;
  for (let count = 0; count < 4; count += 1) await clientAt(t, '127.0.0.1', nginx.port);
  await until(() => one.recorders.length === 2 && two.recorders.length === 2);
  await one.listener.destroy();
  for (let count = 0; count < 4; count += 1) await clientAt(t, '127.0.0.1', nginx.port);
  await until(() => two.recorders.length === 6);
});
