import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/**
 * When to cut a connection: before the client's bytes with the given text are passed on, or when the server has done it.
 * `silently`: nothing is passed on any more, and nobody is told, as a network does that was cut.
 */
export interface Cut {
  readonly text: string;
  readonly when: 'before' | 'after' | 'silently';
}

/** Stands between the store and its server, and cuts connections at a point that a test chooses. */
export class CuttingProxy {
  readonly #server: Server;
  readonly #target: URL;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #cut: Cut | undefined;
  #isRefusing = false;

  private constructor(target: URL) {
    this.#target = target;
    this.#server = createServer((client) => this.#join(client));
  }

  static async open(t: TestContext, url: string, host = '127.0.0.1'): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(new URL(url));
    await new Promise<void>((resolve) => proxy.#server.listen(0, host, resolve));
    t.after(() => {
      proxy.#server.close();
      proxy.cutAll();
    });
    return proxy;
  }

  /** The server's address, through here. */
  get url(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    return Object.assign(new URL(this.#target), { host: `${address}:${port}` }).href;
  }

  /** Cuts the next connection that sends this, once. */
  cutNext(cut: Cut): void {
    this.#cut = cut;
  }

  get hasCut(): boolean {
    return this.#cut === undefined;
  }

  cutAll(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  /** Lets nobody in. */
  set refusing(isRefusing: boolean) {
    this.#isRefusing = isRefusing;
    if (isRefusing) this.cutAll();
  }

  #join(client: Socket): void {
    if (this.#isRefusing) {
      client.destroy();
      return;
    }
    const server = connect(Number(this.#target.port), this.#target.hostname);
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#pairs.delete(pair);
        for (const each of pair) each.destroy();
      });
    }
    server.on('data', (bytes) => client.write(bytes));
    client.on('data', (bytes: Buffer) => this.#pass(bytes, pair));
  }

  #pass(bytes: Buffer, [client, server]: readonly [Socket, Socket]): void {
    const isIt = this.#cut !== undefined && bytes.includes(this.#cut.text);
    if (!isIt) {
      server.write(bytes);
      return;
    }
    const { when } = this.#cut ?? { when: 'before' };
    this.#cut = undefined;
    if (when === 'before') {
      client.destroy();
      return;
    }
    if (when === 'silently') {
      client.removeAllListeners('data').resume();
      return;
    }
    // The client hears nothing more, and the server ends when it has done all that it was sent.
    server.removeAllListeners('data');
    server.resume();
    server.end(bytes);
  }
}
