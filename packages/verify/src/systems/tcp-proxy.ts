import net from 'node:net';
import { resetSocket } from '../load/reset-socket.ts';
import type { FaultyPath, PassingWords } from './system.ts';

interface Watch {
  readonly text: string;
  readonly act: (passing: PassingWords) => void;
}

/** What a proxy may do with bytes on their way; only for trials of the checkers. */
export type Tamper = (bytes: Buffer, direction: 'up' | 'down') => readonly Buffer[];

/** The way of one program to another, through us: it can be cut, made to hang, and stopped at certain words. */
export class TcpProxy implements FaultyPath, AsyncDisposable {
  readonly #server: net.Server;
  readonly #target: number;
  readonly #tamper: Tamper | undefined;
  readonly #pipes = new Set<Pipe>();
  #isHanging = false;
  #watch: Watch | undefined;

  private constructor(target: number, tamper: Tamper | undefined) {
    this.#target = target;
    this.#tamper = tamper;
    this.#server = net.createServer({ pauseOnConnect: true, noDelay: true }, (socket) => this.#take(socket));
  }

  /** Listens on 127.0.0.1 on any free port, for a port there. */
  static async open(target: number, tamper?: Tamper): Promise<TcpProxy> {
    const proxy = new TcpProxy(target, tamper);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject);
      proxy.#server.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port;
  }

  hang(): void {
    this.#isHanging = true;
    for (const pipe of this.#pipes) pipe.hang();
  }

  cut(): void {
    for (const pipe of this.#pipes) pipe.cut();
  }

  heal(): void {
    this.#isHanging = false;
    // What was dropped would be missing in the middle of a connection.
    for (const pipe of this.#pipes) if (pipe.isHanging) pipe.cut();
  }

  onSent(text: string, act: Watch['act']): void {
    this.#watch = { text, act };
  }

  forget(): void {
    this.#watch = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #take(client: net.Socket): void {
    const pipe = new Pipe(client, {
      target: this.#target,
      tamper: this.#tamper,
      onEnd: () => this.#pipes.delete(pipe),
      watched: (bytes) => this.#watched(bytes),
    });
    this.#pipes.add(pipe);
    if (this.#isHanging) pipe.hang();
    else pipe.open();
  }

  /** What to do when these bytes hold the words; each watch fires once. */
  #watched(bytes: Buffer): Watch['act'] | undefined {
    if (!this.#watch || !bytes.includes(this.#watch.text)) return undefined;
    const { act } = this.#watch;
    this.#watch = undefined;
    return act;
  }
}

interface PipeParts {
  readonly target: number;
  readonly tamper: Tamper | undefined;
  readonly onEnd: () => void;
  readonly watched: (bytes: Buffer) => Watch['act'] | undefined;
}

/** Words may be cut in two by the network: so much of what passed last is looked at again. */
const OVERLAP = 32;

/** One connection and its other half. */
class Pipe implements PassingWords {
  readonly #client: net.Socket;
  readonly #parts: PipeParts;
  #server: net.Socket | undefined;
  #lastSent: Buffer = Buffer.alloc(0);
  #held: Buffer[] | undefined;
  #onAnswer: ((release: () => void) => void) | undefined;
  #isStopped = false;
  /** The last words are on their way to the server, and must arrive. */
  #isLeaving = false;
  isHanging = false;

  constructor(client: net.Socket, parts: PipeParts) {
    this.#client = client;
    this.#parts = parts;
    client.on('error', () => this.cut());
    client.on('close', () => this.#isLeaving || this.cut());
  }

  open(): void {
    const server = net.connect({ port: this.#parts.target, host: '127.0.0.1', noDelay: true });
    this.#server = server;
    server.on('error', () => this.cut());
    server.on('close', () => {
      this.#client.end();
      if (this.#isLeaving) this.#parts.onEnd();
    });
    server.on('data', (bytes: Buffer) => this.#down(bytes));
    this.#client.on('data', (bytes: Buffer) => this.#up(bytes));
    this.#client.on('end', () => server.end());
    server.on('drain', () => this.#client.resume());
    this.#client.on('drain', () => server.resume());
    this.#client.resume();
  }

  /** Both sides stay connected to us, and nothing is passed on any more. */
  hang(): void {
    this.isHanging = true;
    this.#client.on('data', () => {});
    this.#client.resume();
  }

  cut(): void {
    this.#isStopped = true;
    resetSocket(this.#client);
    if (this.#server) resetSocket(this.#server);
    this.#parts.onEnd();
  }

  cutBefore(): void {
    this.#isStopped = true;
    this.cut();
  }

  cutAfter(): void {
    this.#isStopped = true;
    this.#isLeaving = true;
    // In order on this side, so that the words arrive; at once on the other.
    this.#server?.end(this.#lastSent);
    resetSocket(this.#client);
  }

  holdAnswer(act: (release: () => void) => void): void {
    this.#onAnswer = act;
  }

  #up(bytes: Buffer): void {
    if (this.isHanging || this.#isStopped) return;
    const seen = Buffer.concat([this.#lastSent.subarray(-OVERLAP), bytes]);
    this.#lastSent = bytes;
    this.#parts.watched(seen)?.(this);
    if (this.#isStopped) return;
    this.#pass(this.#server, this.#client, this.#parts.tamper?.(bytes, 'up') ?? [bytes]);
  }

  #down(bytes: Buffer): void {
    if (this.isHanging || this.#isStopped) return;
    if (this.#onAnswer) {
      const act = this.#onAnswer;
      this.#onAnswer = undefined;
      this.#held = [];
      act(() => this.#release());
    }
    if (this.#held) this.#held.push(bytes);
    else this.#pass(this.#client, this.#server, this.#parts.tamper?.(bytes, 'down') ?? [bytes]);
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    if (!this.#isStopped) this.#pass(this.#client, this.#server, held);
  }

  #pass(to: net.Socket | undefined, from: net.Socket | undefined, parts: readonly Buffer[]): void {
    let isFlowing = true;
    for (const part of parts) isFlowing = to?.write(part) ?? true;
    if (!isFlowing) from?.pause();
  }
}
