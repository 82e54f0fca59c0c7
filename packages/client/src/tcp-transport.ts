import { connect, type Socket } from 'node:net';
import { ClientError, describeError } from './errors.ts';
import { formatServerAddress, type ServerAddress } from './server-address.ts';
import type { Dial, Transport, TransportListener } from './transport.ts';

/**
 * How long one address of a name may take before the next is tried as well. Node's own 250 ms gives up on servers that
 * are merely far away (C45).
 */
const ADDRESS_TIMEOUT_MS = 2_500;

/** Dials over TCP, trying each address of a name. */
export const dialTcp: Dial = async (address, listener, signal) => {
  if (address.isSecure) throw unreachable(address, new Error('this release does not speak TLS'));
  return await new Promise((resolve, reject) => {
    const socket = connect({
      host: address.host,
      port: address.port,
      noDelay: true,
      keepAlive: true,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: ADDRESS_TIMEOUT_MS,
    });
    const tried = new Set<string>();
    socket.on('connectionAttempt', (ip, port) => tried.add(ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`));
    const fail = (error: Error): void => {
      signal.removeEventListener('abort', abort);
      socket.destroy();
      reject(unreachable(address, error));
    };
    const abort = (): void => {
      socket.off('error', fail);
      socket.on('error', () => {}); // attempts that were under way may still fail
      fail(new Error(tried.size === 0 ? 'the name is not resolved' : `no answer from ${[...tried].join(', ')}`));
    };
    socket.once('error', fail);
    socket.once('connect', () => {
      signal.removeEventListener('abort', abort);
      socket.off('error', fail);
      resolve(new TcpTransport(socket, listener));
    });
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
};

function unreachable(address: ServerAddress, cause: Error): ClientError {
  const message = `Cannot reach ${formatServerAddress(address)}: ${describeError(cause)}.`;
  return new ClientError({ kind: 'unreachable', message, cause });
}

class TcpTransport implements Transport {
  readonly #socket: Socket;
  #isCorked = false;

  constructor(socket: Socket, listener: TransportListener) {
    this.#socket = socket;
    let failure: Error | undefined;
    socket.on('data', (bytes: Buffer) => listener.onBytes(bytes));
    socket.on('error', (error) => {
      failure = error;
    });
    socket.on('close', () => listener.onClose(failure));
  }

  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  write(bytes: Uint8Array): void {
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#socket.cork();
      queueMicrotask(() => {
        this.#isCorked = false;
        this.#socket.uncork();
      });
    }
    this.#socket.write(bytes);
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}
