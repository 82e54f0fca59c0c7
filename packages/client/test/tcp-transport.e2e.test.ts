import assert from 'node:assert/strict';
import { type AddressInfo, createServer } from 'node:net';
import test, { type TestContext } from 'node:test';
import type { ClientError } from '../src/errors.ts';
import { dialTcp } from '../src/tcp-transport.ts';

const DEAF = { onBytes: () => {}, onClose: () => {} };

async function listen(t: TestContext, host: string): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => {}).end());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, host, resolve);
  });
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

test('[CLIENT-1] a name with two addresses is reached on the one that listens', async (t) => {
  const port = await listen(t, '127.0.0.1');
  for (const host of ['localhost', 'LOCALHOST', '127.0.0.1']) {
    const transport = await dialTcp({ host, port, isSecure: false }, DEAF, AbortSignal.timeout(5_000));
    transport.destroy();
  }
});

test('[CLIENT-1] a failed connect names each address that was tried', async (t) => {
  const port = await listen(t, '127.0.0.1');
  const closed = { host: 'localhost', port: port === 65_535 ? 65_534 : port + 1, isSecure: false };
  await assert.rejects(dialTcp(closed, DEAF, AbortSignal.timeout(5_000)), (error: ClientError) => {
    assert.equal(error.kind, 'unreachable');
    assert.match(error.message, /ECONNREFUSED (127\.0\.0\.1|::1):\d+/);
    return true;
  });
});

test('[CLIENT-1] giving up says which addresses did not answer', async () => {
  // TEST-NET-1 (RFC 5737): packets to it go nowhere, or the system knows at once that they would.
  const nowhere = { host: '192.0.2.1', port: 6000, isSecure: false };
  await assert.rejects(dialTcp(nowhere, DEAF, AbortSignal.timeout(200)), (error: ClientError) => {
    assert.equal(error.kind, 'unreachable');
    assert.match(error.message, /192\.0\.2\.1:6000/);
    return true;
  });
});
