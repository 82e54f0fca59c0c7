import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { type TestContext, test } from 'node:test';
import { TcpProxy } from '../../src/systems/tcp-proxy.ts';

interface Line {
  readonly client: net.Socket;
  readonly proxy: TcpProxy;
  /** What the server got so far. */
  readonly got: () => string;
  /** Resolves when the server got this much. */
  readonly untilGot: (text: string) => Promise<void>;
  /** Resolves with how the server's side of the connection ended. */
  readonly serverSide: Promise<'in order' | 'reset'>;
}

/** An echo behind a proxy, and a client that is connected through it. */
async function openLine(t: TestContext): Promise<Line> {
  let received = '';
  const serverSide = Promise.withResolvers<'in order' | 'reset'>();
  const server = net.createServer((socket) => {
    socket.on('error', () => serverSide.resolve('reset'));
    socket.on('end', () => serverSide.resolve('in order'));
    socket.on('data', (bytes) => {
      received += bytes.toString();
      server.emit('got');
      socket.write(bytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy = await TcpProxy.open((server.address() as net.AddressInfo).port);
  const client = net.connect(proxy.port, '127.0.0.1');
  client.on('error', () => {});
  await once(client, 'connect');
  t.after(async () => {
    client.destroy();
    await proxy[Symbol.asyncDispose]();
    server.close();
  });
  const untilGot = async (text: string): Promise<void> => {
    while (!received.includes(text)) await once(server, 'got');
  };
  return { client, proxy, got: () => received, untilGot, serverSide: serverSide.promise };
}

/** However it ends. */
function closed(socket: net.Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

test('passes on in both directions', async (t) => {
  const { client, untilGot } = await openLine(t);
  client.write('hello');
  await untilGot('hello');
  assert.equal(String((await once(client, 'data'))[0]), 'hello');
});

test('cut before certain words: they never arrive, and the client is told', async (t) => {
  const { client, proxy, got, untilGot } = await openLine(t);
  proxy.onSent(';COMMIT', (passing) => passing.cutBefore());
  client.write('insert');
  await untilGot('insert');
  client.write('x;COMMIT');
  await closed(client);
  assert.equal(got(), 'insert');
});

test('cut after certain words: they arrive, since that side ends in order, and no answer comes', async (t) => {
  const { client, proxy, untilGot, serverSide } = await openLine(t);
  let answer = '';
  client.on('data', (bytes) => (answer += bytes.toString()));
  proxy.onSent(';COMMIT', (passing) => passing.cutAfter());
  client.write('x;COMMIT');
  await closed(client);
  await untilGot('x;COMMIT');
  assert.deepEqual([answer, await serverSide], ['', 'in order']);
});

test('holds the answer to certain words until it is let go', async (t) => {
  const { client, proxy } = await openLine(t);
  let release = (): void => {};
  let answer = '';
  client.on('data', (bytes) => (answer += bytes.toString()));
  const held = new Promise<void>((resolve) => {
    proxy.onSent('FOR UPDATE', (passing) =>
      passing.holdAnswer((letGo) => {
        release = letGo;
        resolve();
      }),
    );
  });
  client.write('SELECT FOR UPDATE');
  await held;
  assert.equal(answer, '');
  release();
  await once(client, 'data');
  assert.equal(answer, 'SELECT FOR UPDATE');
});

test('hangs: nothing passes and nobody is told; healed, what hung is cut', async (t) => {
  const { client, proxy, got } = await openLine(t);
  proxy.hang();
  client.write('lost');
  const other = net.connect(proxy.port, '127.0.0.1');
  other.on('error', () => {});
  await once(other, 'connect');
  other.write('lost too');
  const both = Promise.all([closed(client), closed(other)]);
  proxy.heal();
  await both;
  assert.equal(got(), '');
});
