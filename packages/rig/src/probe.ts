import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';

const ANSWER_MS = 1_000;

const FIRST_PORT = 10_240;
/** Linux's net.ipv4.ip_local_port_range begins here; others begin higher. */
const FIRST_CLIENT_PORT = 32_768;
const TRIES = 200;

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

/**
 * A port of this machine that was free a moment ago. Not one of those that the system gives to clients: one of them might
 * take it between a server's death and its next start.
 * @throws Error when none of many is free
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const port = randomInt(FIRST_PORT, FIRST_CLIENT_PORT);
    if (await isFree(port)) return port;
  }
  throw new Error('no port is free');
}

/** Whether nobody listens there at this moment. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  server.once('error', () => resolve(false));
  server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  return promise;
}
