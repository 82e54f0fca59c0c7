import { once } from 'node:events';
import { connect, createServer } from 'node:net';

const ANSWER_MS = 1_000;

/**
 * The first bytes that a server on this machine sends.
 *
 * @param question written first, if not empty
 * @returns undefined when it refuses, hangs up, or says nothing for a second
 */
export async function firstBytes(port: number, question = ''): Promise<Buffer | undefined> {
  const socket = connect({ port, host: '127.0.0.1' });
  const { promise, resolve } = Promise.withResolvers<Buffer | undefined>();
  socket.once('data', resolve);
  socket.once('error', () => resolve(undefined));
  socket.once('close', () => resolve(undefined));
  socket.setTimeout(ANSWER_MS, () => resolve(undefined));
  if (question !== '') socket.write(question);
  const bytes = await promise;
  socket.destroy();
  return bytes;
}

/** A port of this machine that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Whether nobody listens there at this moment. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  server.once('error', () => resolve(false));
  server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  return promise;
}
