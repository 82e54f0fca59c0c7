import { LoadLink } from './load-link.ts';

/** A reply's content, unchecked: a load generator asks only for what it knows. */
export type Reply = Readonly<Record<string, unknown>>;

/** The server answered a request with an error. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused';
  readonly code: string;

  constructor(op: string, error: { code?: string; message?: string }) {
    super(`${op}: ${error.code}: ${error.message}`);
    this.code = error.code ?? 'unknown';
  }
}

/** A port of this machine, unless a host is named. */
interface Where {
  readonly host?: string;
  readonly port: number;
}

interface Waiting {
  readonly op: string;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A raw native session: promises for what is done once, frames as text for what is done often. Whoever loads takes
 * `link.onFrame` over and gives it back with `listen`.
 */
export class NativeSession {
  readonly link: LoadLink;
  /** Called with each event as text. */
  onEvent: (frame: string) => void = () => {};
  readonly #waiting = new Map<number, Waiting>();
  #closedBy: Error | undefined;
  #syncFailed: (error: Error) => void = () => {};
  #lastId = 0;

  constructor(link: LoadLink) {
    this.link = link;
    link.onClosed = (error) => this.#closed(error ?? new Error('the server closed the connection'));
    this.listen();
  }

  /** Connects to a port of this machine, `localAddress` as in LinkTarget, or anywhere. */
  static async connect(where: number | Where, localAddress?: string): Promise<NativeSession> {
    const { port, host }: Where = typeof where === 'number' ? { port: where } : where;
    const target = {
      port,
      ...(host === undefined ? {} : { host }),
      ...(localAddress === undefined ? {} : { localAddress }),
    };
    return new NativeSession(await LoadLink.connect({ ...target, terminator: 'lf' }));
  }

  /** Takes the frames of the link (back). */
  listen(): void {
    this.link.onFrame = (frame) => this.#onFrame(frame);
  }

  /** A number for a request that the caller writes itself. */
  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** Asks and waits; rejects with RequestRefused, or when the connection ends first. */
  request(op: string, fields: object = {}): Promise<Reply> {
    if (this.#closedBy) return Promise.reject(this.#closedBy);
    const id = this.nextId();
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { op, resolve, reject });
      this.link.write(JSON.stringify({ id, op, ...fields }));
    });
  }

  /** Starts the push from now on (nothing older), and waits until the server says `synced`. */
  syncFromNow(): Promise<void> {
    return this.sync({ default: { mode: 'lazy', last: 0 } });
  }

  /** Starts the push as `fields` say, and waits until the server says `synced`. */
  async sync(fields: object): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.onEvent = (frame) => {
      if (frame.startsWith('{"ev":"synced"')) resolve();
    };
    this.#syncFailed = reject;
    await Promise.all([this.request('sync', fields), promise]);
    this.onEvent = () => {};
  }

  /** Ends the connection in order. */
  end(): void {
    this.link.end();
  }

  #onFrame(frame: string): void {
    if (!frame.startsWith('{"re":')) {
      this.onEvent(frame);
      return;
    }
    const reply = JSON.parse(frame) as { re: number; ok?: Reply; err?: { code?: string; message?: string } };
    const waiting = this.#waiting.get(reply.re);
    if (waiting === undefined) return;
    this.#waiting.delete(reply.re);
    if (reply.ok) waiting.resolve(reply.ok);
    else waiting.reject(new RequestRefused(waiting.op, reply.err ?? {}));
  }

  #closed(error: Error): void {
    this.#closedBy = error;
    this.#syncFailed(error);
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}
