import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { composeServer, type Overrides } from '../../src/compose.ts';
import { configOf } from '../../src/config.ts';
import { SILENT_LOG } from '../../src/observe/log.ts';
import type { RunningServer } from '../../src/running-server.ts';

/** A whole server in this process, on a free port, with data of its own. */
export async function embeddedNode(
  t: TestContext,
  texts: Parameters<typeof configOf>[0] = {},
  overrides: Overrides = {},
): Promise<RunningServer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'parley-e2e-'));
  const store = `sqlite:${path.join(folder, 'parley.db')}`;
  const config = configOf({ listen: '127.0.0.1:0', http: 'off', store, ...texts });
  const server = await composeServer(config, { log: SILENT_LOG, ...overrides });
  t.after(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });
  return server;
}

type Frame = Readonly<Record<string, unknown>>;

/** A native peer that says exactly what a test wants, and keeps all that it hears. */
export class RawPeer {
  readonly frames: Frame[] = [];
  isClosed = false;
  readonly socket: Socket;
  #buffered = '';
  #lastId = 0;
  #waiting: (() => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => this.#read(chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isClosed = true;
      this.#wake();
    });
  }

  static async connect(port: number): Promise<RawPeer> {
    const socket = connect(port, '127.0.0.1');
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new RawPeer(socket);
  }

  write(text: string | Buffer): void {
    this.socket.write(text);
  }

  /** Asks, and answers with the whole reply frame. */
  async ask(op: string, fields: object = {}): Promise<Frame> {
    this.#lastId += 1;
    const id = this.#lastId;
    this.write(`${JSON.stringify({ id, op, ...fields })}\n`);
    return this.until(({ re }) => re === id, `an answer to ${op}`);
  }

  /** Asks, and answers with `ok`; a refusal fails. */
  async get(op: string, fields: object = {}): Promise<Record<string, unknown>> {
    const reply = await this.ask(op, fields);
    if (reply['ok'] === undefined) throw new Error(`${op} was refused: ${JSON.stringify(reply)}`);
    return reply['ok'] as Record<string, unknown>;
  }

  /** Asks, and answers with the code of the refusal. */
  async refusal(op: string, fields: object = {}): Promise<unknown> {
    const reply = await this.ask(op, fields);
    return (reply['err'] as { code?: unknown } | undefined)?.code;
  }

  /** The first frame for which this holds, when it has come. */
  async until(isWanted: (frame: Frame) => boolean, what: string): Promise<Frame> {
    const deadline = AbortSignal.timeout(20_000);
    for (;;) {
      const found = this.frames.find(isWanted);
      if (found !== undefined) return found;
      if (this.isClosed || deadline.aborted) {
        throw new Error(`waited in vain for ${what}; last heard: ${JSON.stringify(this.frames.slice(-5))}`);
      }
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        deadline.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  async untilClosed(): Promise<void> {
    if (!this.isClosed) await this.until(() => this.isClosed, 'the end').catch(() => {});
    if (!this.isClosed) throw new Error('the connection was not closed');
  }

  /** Entries of one kind, in the order in which they came. */
  entries(kind = 'message'): Frame[] {
    return this.frames.filter((frame) => frame['ev'] === 'entry' && frame['kind'] === kind);
  }

  close(): void {
    this.socket.destroy();
  }

  #read(chunk: string): void {
    const lines = (this.#buffered + chunk).split('\n');
    this.#buffered = lines.pop() ?? '';
    for (const line of lines) this.frames.push(JSON.parse(line) as Frame);
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** Registers on a connection of its own and starts syncing in full. */
export async function newUser(port: number, name: string): Promise<RawPeer & { token: string; id: number }> {
  const peer = await RawPeer.connect(port);
  const login = await peer.get('register', { name, password: 'correct horse' });
  await peer.get('sync', { default: { mode: 'full' } });
  const user = login['user'] as { id: number };
  return Object.assign(peer, { token: String(login['token']), id: user.id });
}
