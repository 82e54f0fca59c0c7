import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** A request as it came. */
export interface Request {
  readonly id: number;
  readonly op: string;
  readonly [field: string]: unknown;
}

/** One client's connection as the script sees it. */
export interface Peer {
  /** Answers a request. */
  ok(request: Request, fields?: object): void;
  refuse(request: Request, code: string, more?: object): void;
  /** Sends an event. */
  event(ev: string, fields?: object): void;
  raw(text: string): void;
  /** Breaks the connection. */
  destroy(): void;
}

/** What the server does with a request; `hello`, `ping` and `resume` are answered for it unless it returns true. */
export type Script = (request: Request, peer: Peer) => boolean | undefined | void;

export interface ScriptedServer {
  readonly address: string;
  readonly requests: Request[];
  /** Connections that are open now. */
  readonly peers: Peer[];
}

/** A server that says what a test tells it to. It is stopped when the test ends. */
export async function startScriptedServer(t: TestContext, script: Script = () => {}): Promise<ScriptedServer> {
  const requests: Request[] = [];
  const peers: Peer[] = [];
  const server = createServer((socket) => {
    const peer = peerOn(socket);
    peers.push(peer);
    socket.on('error', () => {});
    socket.on('close', () => peers.splice(peers.indexOf(peer), 1));
    let rest = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const request = JSON.parse(line) as Request;
        requests.push(request);
        if (script(request, peer) !== true) answerByDefault(request, peer);
      }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => {
    for (const peer of peers) peer.destroy();
    server.close();
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, requests, peers };
}

function answerByDefault(request: Request, peer: Peer): void {
  if (request.op === 'hello') {
    peer.ok(request, { server: 'parley', release: '0', version: 1, capabilities: [], limits: {} });
  } else if (request.op === 'resume') {
    peer.ok(request, { user: { id: 42, name: 'alice' }, device: 1 });
  } else if (request.op === 'ping' || request.op === 'sync') {
    peer.ok(request);
  }
}

function peerOn(socket: Socket): Peer {
  const write = (frame: object): void => {
    socket.write(`${JSON.stringify(frame)}\n`);
  };
  return {
    ok: (request, fields = {}) => write({ re: request.id, ok: fields }),
    refuse: (request, code, more = {}) =>
      write({ re: request.id, err: { code, message: `refused: ${code}`, ...more } }),
    event: (ev, fields = {}) => write({ ev, ...fields }),
    raw: (text) => socket.write(text),
    destroy: () => socket.destroy(),
  };
}

/** An entry event's fields. */
export function entryFields(seq: number, more: object = {}): object {
  const from = { id: 17, name: 'bob' };
  return {
    conversation: 'g7',
    seq,
    ord: seq,
    tag: seq * 10,
    kind: 'message',
    from,
    clientId: `c${seq}`,
    time: seq,
    text: `t${seq}`,
    ...more,
  };
}
