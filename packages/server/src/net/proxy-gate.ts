import type { Socket } from 'node:net';
import type { NetClock } from './net-clock.ts';
import { ProxyHeaderError, ProxyHeaderReader } from './proxy-header.ts';
import { remoteAddressOf } from './remote-address.ts';

/** What a gate needs, and tells. */
export interface ProxyGateOptions {
  readonly clock: NetClock;
  /** Whether a header from this address is believed. */
  readonly isTrusted: (address: string) => boolean;
  /** The header is whole; what came behind it is still to be read from the socket. */
  readonly onAdmitted: (socket: Socket, address: string) => void;
  /** The socket has been destroyed. `why` is one of a few constants. */
  readonly onRefused: (why: string, address: string) => void;
}

/** How long a proxy may take for its header, in milliseconds: it sends that at once, with or before the first bytes. */
const HEADER_MS = 5_000;

/** Where connections wait until their PROXY header has come. [WIRE-6] */
export class ProxyGate {
  readonly #options: ProxyGateOptions;
  readonly #waiting = new Set<Socket>();

  constructor(options: ProxyGateOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Takes a new connection, nothing of which has been read. */
  enter(socket: Socket): void {
    const address = remoteAddressOf(socket);
    socket.on('error', ignore);
    if (!this.#options.isTrusted(address)) return this.#refuse(socket, address, 'its proxy is not trusted');
    const reader = new ProxyHeaderReader();
    const onData = (chunk: Buffer): void => {
      const header = readFrom(reader, chunk);
      if (header === undefined) return;
      leave();
      if (header instanceof ProxyHeaderError) return this.#refuse(socket, address, 'it has no PROXY header');
      giveBack(socket, header.rest);
      socket.off('error', ignore);
      this.#options.onAdmitted(socket, header.source ?? address);
    };
    const onEnd = (): void => void socket.destroy();
    const deadline = this.#options.clock.after(HEADER_MS, () => {
      leave();
      this.#refuse(socket, address, 'its PROXY header did not come');
    });
    const leave = (): void => {
      deadline.cancel();
      socket.off('data', onData).off('end', onEnd).off('close', leave);
      this.#waiting.delete(socket);
    };
    this.#waiting.add(socket);
    socket.on('data', onData).on('end', onEnd).on('close', leave);
  }

  /** Ends all that wait. */
  close(): void {
    for (const socket of this.#waiting) socket.destroy();
  }

  #refuse(socket: Socket, address: string, why: string): void {
    socket.destroy();
    this.#options.onRefused(why, address);
  }
}

function readFrom(reader: ProxyHeaderReader, chunk: Buffer): ReturnType<ProxyHeaderReader['push']> | ProxyHeaderError {
  try {
    return reader.push(chunk);
  } catch (error) {
    if (error instanceof ProxyHeaderError) return error;
    throw error;
  }
}

/** Reading goes on in the next turn, unless the new owner pauses it: a socket that flows on would keep back what it is given. */
function giveBack(socket: Socket, rest: Buffer): void {
  socket.pause();
  if (rest.length > 0) socket.unshift(rest);
  socket.resume();
}

function ignore(): void {}
