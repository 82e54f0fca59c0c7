import { connect, type Socket } from 'node:net';

/** Bytes of one `recv` of the real client; its buffer ends in a NUL, so a frame has one byte less. */
const RECV_BYTES = 1_024;

/** A frame as the real client takes it. */
export type ClassicFrame = { readonly msgid: number } & Readonly<Record<string, unknown>>;

/**
 * Behaves as the ancestor's own client does (measured on its binary): it reads at most 1,024 bytes at a time and
 * parses only the first object of a read; it dies of a frame without integer msgid, of a 6 or 10 that is no whole
 * chat object, of a frame above 1,023 bytes, and of a read that ends within a frame. It never pings.
 */
export class ClassicClient {
  readonly frames: ClassicFrame[] = [];
  /** Why it died; undefined while it lives. */
  death: string | undefined;
  isClosed = false;
  readonly #socket: Socket;
  #waiting: (() => void)[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isClosed = true;
      this.#wake();
    });
  }

  static async connect(port: number): Promise<ClassicClient> {
    const socket = connect(port, '127.0.0.1');
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new ClassicClient(socket);
  }

  send(request: object): void {
    this.#socket.write(`${JSON.stringify(request)}\0`);
  }

  /** Closes in order, as its menu's "quit" does. */
  close(): void {
    this.#socket.end();
  }

  /** Dies as by kill -9 with unread input: the peer sees a reset. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Stops reading, as a frozen process. */
  freeze(): void {
    this.#socket.pause();
  }

  /** Waits until a condition holds. Fails when the client dies or the time is up. */
  async until(condition: (client: ClassicClient) => boolean, what: string): Promise<void> {
    const deadline = AbortSignal.timeout(10_000);
    while (!condition(this)) {
      if (this.death !== undefined) throw new Error(`the classic client died: ${this.death}`);
      if (deadline.aborted) throw new Error(`waited in vain for ${what}; got ${JSON.stringify(this.frames)}`);
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        deadline.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  /** Registers; returns the new id. */
  async register(name: string, password: string): Promise<number> {
    const before = this.frames.length;
    this.send({ msgid: 4, name, password });
    await this.until(({ frames }) => frames.length > before, 'REG_ACK');
    return Number(this.frames[before]?.['id']);
  }

  /** Logs in; returns LOGIN_ACK. */
  async login(id: number, password: string): Promise<ClassicFrame> {
    const isAck = ({ msgid }: ClassicFrame): boolean => msgid === 2;
    const before = this.frames.filter(isAck).length;
    this.send({ msgid: 1, id, password });
    await this.until(({ frames }) => frames.filter(isAck).length > before, 'LOGIN_ACK');
    return this.frames.findLast(isAck) as ClassicFrame;
  }

  /** The texts of all chats so far, those in log-in answers included, in order. */
  get texts(): string[] {
    return this.frames.flatMap((frame) => {
      if (frame.msgid === 6 || frame.msgid === 10) return [String(frame['msg'])];
      const offline = (frame['offlinemsg'] ?? []) as readonly string[];
      return offline.map((chat) => String((JSON.parse(chat) as { msg: unknown }).msg));
    });
  }

  #read(chunk: Buffer): void {
    // What the kernel hands over at once is what the real client's next reads would get, 1,024 bytes at a time.
    for (let at = 0; at < chunk.length && this.death === undefined; at += RECV_BYTES) {
      this.#take(chunk.subarray(at, at + RECV_BYTES));
    }
    if (this.death !== undefined) this.#socket.destroy();
    this.#wake();
  }

  #take(bytes: Buffer): void {
    const end = bytes.indexOf(0);
    if (end === -1) {
      this.death = bytes.length >= RECV_BYTES ? 'a frame above 1,023 bytes' : 'a read that ends within a frame';
      return;
    }
    const frame = JSON.parse(bytes.toString('utf8', 0, end)) as ClassicFrame;
    if (!Number.isInteger(frame.msgid)) this.death = 'a frame without msgid';
    else if (isChat(frame) && !isWholeChat(frame)) this.death = `not a whole chat: ${JSON.stringify(frame)}`;
    else this.frames.push(frame);
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

function isChat({ msgid }: ClassicFrame): boolean {
  return msgid === 6 || msgid === 10;
}

function isWholeChat(frame: ClassicFrame): boolean {
  const target = frame.msgid === 6 ? frame['toid'] : frame['groupid'];
  const texts = [frame['name'], frame['msg'], frame['time']];
  return Number.isInteger(frame['id']) && Number.isInteger(target) && texts.every((text) => typeof text === 'string');
}
