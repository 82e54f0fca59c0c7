import net from 'node:net';

/** One connection of a relay. What is written within a tick leaves in one call. */
export interface RelayPeer {
  /** The user it logged in as; 0 before. */
  user: number;
  write(frame: string): void;
}

/** What a dialect does with a parsed frame. */
export type OnRelayFrame = (frame: Record<string, unknown>, peer: RelayPeer) => void;

let dirty: Connection[] = [];

function flushAll(): void {
  const connections = dirty;
  dirty = [];
  for (const connection of connections) connection.flush();
}

/** Splits, parses, hands over and writes: what no chat server can leave out, and nothing else. */
class Connection implements RelayPeer {
  user = 0;
  readonly #socket: net.Socket;
  readonly #ending: number;
  readonly #onFrame: OnRelayFrame;
  #partial: Buffer | undefined;
  #out = '';
  /** What a front may send before anything else. */
  #isProxyHeaderDue = true;

  constructor(socket: net.Socket, ending: number, onFrame: OnRelayFrame) {
    this.#socket = socket;
    this.#ending = ending;
    this.#onFrame = onFrame;
  }

  write(frame: string): void {
    if (this.#out === '') {
      if (dirty.length === 0) setImmediate(flushAll);
      dirty.push(this);
    }
    this.#out += frame;
  }

  flush(): void {
    const out = this.#out;
    this.#out = '';
    if (!this.#socket.destroyed) this.#socket.write(out);
  }

  read(data: Buffer): void {
    const chunk = this.#partial === undefined ? data : Buffer.concat([this.#partial, data]);
    this.#partial = undefined;
    let start = this.#skipProxyHeader(chunk);
    for (let end = chunk.indexOf(this.#ending, start); end !== -1; end = chunk.indexOf(this.#ending, start)) {
      this.#onFrame(JSON.parse(chunk.toString('utf8', start, end)) as Record<string, unknown>, this);
      start = end + 1;
    }
    if (start < chunk.length) this.#partial = chunk.subarray(start);
  }

  /** As good as nothing: where the first frame begins. nginx writes the header at once and whole. */
  #skipProxyHeader(chunk: Buffer): number {
    if (!this.#isProxyHeaderDue) return 0;
    this.#isProxyHeaderDue = false;
    return chunk.toString('latin1', 0, 6) === 'PROXY ' ? chunk.indexOf('\r\n') + 2 : 0;
  }
}

/** Listens on a free loopback port and resolves with it. `ending` is the byte that ends a frame. */
export function startRelay(ending: number, onFrame: OnRelayFrame): Promise<{ port: number; server: net.Server }> {
  const server = net.createServer({ noDelay: true }, (socket) => {
    const connection = new Connection(socket, ending, onFrame);
    socket.on('data', (chunk: Buffer) => connection.read(chunk));
    socket.on('error', () => socket.destroy());
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => {
      resolve({ port: (server.address() as net.AddressInfo).port, server });
    });
  });
}
