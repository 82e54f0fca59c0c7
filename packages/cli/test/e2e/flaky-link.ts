import { createConnection, createServer, type Server, type Socket } from 'node:net';

/** A TCP port that leads to another one, through a link that drops all its connections now and then. */
export class FlakyLink {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #timer: NodeJS.Timeout | undefined;
  /** How often connections were dropped. */
  drops = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async open(targetPort: number): Promise<FlakyLink> {
    const server = createServer();
    const link = new FlakyLink(server);
    server.on('connection', (near) => link.#join(near, createConnection(targetPort, '127.0.0.1')));
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return link;
  }

  /** HOST:PORT of the near end. */
  get address(): string {
    return `127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  dropEvery(ms: number): void {
    this.#timer = setInterval(() => this.drop(), ms);
  }

  drop(): void {
    if (this.#sockets.size > 0) this.drops += 1;
    for (const socket of this.#sockets) {
      // Node keeps a socket for ever that is reset while it shuts down.
      if (socket.writableEnded) socket.destroy();
      else socket.resetAndDestroy();
    }
  }

  close(): void {
    clearInterval(this.#timer);
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #join(near: Socket, far: Socket): void {
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => {}); // it is dropped with the other
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }
}
