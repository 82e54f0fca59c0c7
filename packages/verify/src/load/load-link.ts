import net from 'node:net';
import { resetSocket } from './reset-socket.ts';

/** The byte that ends a frame: LF in the native dialect, NUL in the classic one. */
export type Terminator = 'lf' | 'nul';

/** Where to connect, and from which loopback address (ports run out at 28,000 per address). */
export interface LinkTarget {
  readonly port: number;
  readonly host?: string;
  readonly localAddress?: string;
  readonly terminator: Terminator;
  /** How long connecting may take; left out: as long as the system tries. */
  readonly connectMs?: number;
}

/** All links of a process read into this one: what is incomplete is copied out before the next read. */
const SHARED_READ_BUFFER = Buffer.allocUnsafe(256 * 1024);

/**
 * One socket of a load generator that shares its machine with the server it loads, so it is as lean as a public
 * API allows: reads land in one shared buffer, each chunk is decoded once, what is written within a tick leaves
 * in one call, and nothing allocates a promise per frame.
 */
export class LoadLink {
  /** Called with each frame as text, without its terminator. Replace it at will. */
  onFrame: (frame: string) => void = ignore;
  /** Called once, when the socket is gone, with what broke it if something did. */
  onClosed: (error: Error | undefined) => void = ignore;
  readonly #socket: net.Socket;
  readonly #ending: string;
  readonly #endByte: number;
  #partial: Buffer | undefined;
  #out = '';

  private constructor(target: LinkTarget) {
    this.#ending = target.terminator === 'lf' ? '\n' : '\0';
    this.#endByte = this.#ending.charCodeAt(0);
    this.#socket = net.connect({
      port: target.port,
      host: target.host ?? '127.0.0.1',
      ...(target.localAddress === undefined ? {} : { localAddress: target.localAddress }),
      noDelay: true,
      onread: { buffer: SHARED_READ_BUFFER, callback: (bytes, buffer) => this.#read(bytes, buffer as Buffer) },
    });
    this.#socket.on('error', (error) => this.#gone(error));
    this.#socket.on('close', () => this.#gone(undefined));
  }

  /** Resolves when connected; rejects with the socket's error. */
  static connect(target: LinkTarget): Promise<LoadLink> {
    const link = new LoadLink(target);
    const { connectMs } = target;
    const giveUp = (): void => void link.#socket.destroy(new Error(`no connection within ${connectMs} ms`));
    const timer = connectMs === undefined ? undefined : setTimeout(giveUp, connectMs);
    return new Promise((resolve, reject) => {
      link.onClosed = (error) => {
        clearTimeout(timer);
        reject(error ?? new Error('closed while connecting'));
      };
      link.#socket.once('connect', () => {
        clearTimeout(timer);
        link.onClosed = ignore;
        resolve(link);
      });
    });
  }

  /** Queues a frame; the terminator is added. Leaves with all others of this tick. */
  write(frame: string): void {
    if (this.#out === '') markDirty(this);
    this.#out += frame + this.#ending;
  }

  /** Sends what the tick has gathered. Called by the tick itself. */
  flush(): void {
    const out = this.#out;
    this.#out = '';
    this.#socket.write(out);
  }

  /** Ends the connection in order: FIN after all that was written. */
  end(): void {
    if (this.#out !== '') this.flush();
    this.#out = '';
    this.#socket.end();
  }

  /** Ends the connection with a reset, which leaves no port waiting. */
  reset(): void {
    this.#out = '';
    resetSocket(this.#socket);
  }

  /** Reads nothing more until `resume`: the other side's output piles up. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  #read(bytes: number, buffer: Buffer): boolean {
    let chunk = buffer.subarray(0, bytes);
    if (this.#partial !== undefined) {
      chunk = Buffer.concat([this.#partial, chunk]);
      this.#partial = undefined;
    }
    let whole = chunk.length;
    if (chunk[whole - 1] !== this.#endByte) {
      whole = chunk.lastIndexOf(this.#endByte) + 1;
      this.#partial = Buffer.from(chunk.subarray(whole));
    }
    if (whole > 0) this.#split(chunk.toString('utf8', 0, whole));
    return true;
  }

  #split(text: string): void {
    let start = 0;
    for (let end = text.indexOf(this.#ending); end !== -1; end = text.indexOf(this.#ending, start)) {
      this.onFrame(text.slice(start, end));
      start = end + 1;
    }
  }

  #gone(error: Error | undefined): void {
    const told = this.onClosed;
    this.onClosed = ignore;
    told(error);
  }
}

let dirty: LoadLink[] = [];

function markDirty(link: LoadLink): void {
  if (dirty.length === 0) setImmediate(flushAll);
  dirty.push(link);
}

function flushAll(): void {
  const links = dirty;
  dirty = [];
  for (const link of links) link.flush();
}

function ignore(): void {}
